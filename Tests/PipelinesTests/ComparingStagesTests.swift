import Chips
import Foundation
import Rasters
import Testing

/// A network of two dates in the stages: what it learns from, maps and refuses.
@Suite("Stages of a network that compares two dates", .startsCommand, .serialized)
struct ComparingStagesTests {
  private let data =
    "{target: [{before: before.tif, after: after.tif, labels: labels.tif}], "
    + "pairs: [{before: before.tif, after: after.tif}]}"

  private func site() throws -> StagesSite {
    let site = try StagesSite()
    try site.scene("before.tif", StagesSite.Ground(layout: 2))
    try site.scene("after.tif", StagesSite.Ground())
    try site.labels("labels.tif", StagesSite.Ground())
    return site
  }

  @Test(
    "Each way of comparing learns from a labelled pair, is scored, and maps the pair",
    arguments: ["early-fusion", "siamese-concatenation", "siamese-difference"])
  func learns(comparison: String) throws {
    let site = try site()
    try site.pipeline(
      "pairs", data: data,
      stages: [
        "pretrain-load: {compares: \(comparison)}", "fine-tune: {strategy: full, epochs: 2, batch: 4}",
        "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0, from-scratch: false}",
        "inference: {window: 64, overlap: 16}", "geotiff:",
      ])
    let run = try site.run("pairs.yaml", "--threads", "2")
    try #require(run.code == 0, "\(run.errors)")
    let products = "output/pairs/products/before--after"
    for name in ["change.tif", "confidence.tif", "change.qml", "preview.png"] {
      #expect(FileManager.default.fileExists(atPath: site.url("\(products)/\(name)").path), "\(name)")
    }
    let picture = try RasterFile(path: site.url("\(products)/preview.png").path)
    #expect(picture.grid.width == 264 && picture.grid.height > 64 + 36)
    let card = try site.json("output/pairs/models/latest/card.json") as? [String: Any]
    let input = card?["input"] as? [String: Any]
    #expect(input?["comparison"] as? String == comparison)
    let summary = try String(contentsOf: site.url("output/pairs/runs/latest/summary.json"), encoding: .utf8)
    #expect(summary.contains("\"hectares\"") && summary.contains("\"resampling\""))
    let again = try site.run("pairs.yaml", "--threads", "2")
    #expect(again.code == 0 && !again.output.contains("evaluate          1           0"))
  }

  @Test("The later date is brought to the grid of the earlier one")
  func otherGrid() throws {
    let site = try site()
    try site.scene("after.tif", StagesSite.Ground(epsg: 25832))
    try site.pipeline(
      "pairs", data: data,
      stages: [
        "pretrain-load: {compares: siamese-difference}", "fine-tune: {strategy: full, epochs: 1, batch: 4}",
        "inference: {window: 64, overlap: 16}", "geotiff:",
      ])
    let run = try site.run("pairs.yaml", "--threads", "2")
    try #require(run.code == 0, "\(run.errors)")
    let map = try RasterFile(path: site.url("output/pairs/products/before--after/change.tif").path)
    #expect(map.grid.isSame(as: try RasterFile(path: site.url("before.tif").path).grid))
    let summary = try site.json("output/pairs/runs/latest/summary.json") as? [String: Any]
    let stages = summary?["stages"] as? [[String: Any]] ?? []
    let tasks = stages.flatMap { $0["tasks"] as? [[String: Any]] ?? [] }
    #expect(tasks.contains { SummaryFindings(of: $0).text("resampling") == "bilinear" })
  }

  @Test("A pair of which a scene lacks a band is told before anything is trained, with its place")
  func pairWithoutBand() throws {
    let site = try site()
    try site.scene("lacking.tif", StagesSite.Ground(bandNames: ["B03", "B04"]))
    try site.pipeline(
      "pairs",
      data: data.replacing(
        "pairs: [{before: before.tif, after: after.tif}]",
        with: "pairs: [{before: before.tif, after: lacking.tif}]"),
      stages: [
        "pretrain-load: {compares: siamese-difference}", "fine-tune: {strategy: full, epochs: 1, batch: 4}",
        "inference: {window: 64, overlap: 16}", "geotiff:",
      ])
    for arguments in [["validate", "pairs.yaml"], ["run", "pairs.yaml", "--quiet"]] {
      let ending = try site.command(arguments)
      #expect(
        ending.code == 65 && ending.errors.contains("no band B08 among B03, B04")
          && ending.errors.contains("pairs.yaml:8:"), "\(arguments): \(ending)")
    }
    #expect(!site.holds(suffix: "model.safetensors"))
  }

  @Test("Weights of one date lend their encoder; those that compare are for their own way")
  func weights() throws {
    let site = try site()
    try site.weights("weights.safetensors")
    for comparison in ["early-fusion", "siamese-concatenation", "siamese-difference"] {
      try site.pipeline(
        comparison, data: data,
        stages: [
          "pretrain-load: {weights: weights.safetensors, compares: \(comparison)}",
          "fine-tune: {strategy: full, epochs: 1, batch: 4}",
        ])
      let run = try site.run("\(comparison).yaml", "--threads", "2")
      try #require(run.code == 0, "\(run.errors)")
      #expect(
        try String(contentsOf: site.url("output/\(comparison)/runs/latest/summary.json"), encoding: .utf8)
          .contains(
            "the weights know one date: the decoder starts fresh"))
    }
    let own = "weights: output/siamese-difference/models/latest/model.safetensors"
    try site.pipeline(
      "own", data: data,
      stages: [
        "pretrain-load: {\(own), compares: siamese-difference}", "inference: {window: 64, overlap: 16}",
        "geotiff:",
      ])
    let run = try site.run("own.yaml", "--threads", "2")
    #expect(run.code == 0, "\(run.errors)")
    try site.pipeline(
      "other", data: data,
      stages: ["pretrain-load: {\(own), compares: early-fusion}", "inference: {window: 64, overlap: 16}"])
    let other = try site.run("other.yaml", "--threads", "2")
    #expect(
      other.code != 0
        && other.errors.contains(
          "these weights compare two dates (siamese-difference), the pipeline wants 'compares: early-fusion'"),
      "\(other.errors)")
  }

  @Test(
    "What does not fit is said with the stage's line",
    arguments: [
      (
        "{target: [{scene: after.tif, labels: labels.tif}], pairs: [{before: before.tif, after: after.tif}]}",
        "compares: siamese-difference",
        "'compares' needs 'before' and 'after'; 'after.tif' have no earlier date"
      ),
      (
        "{target: [{before: before.tif, after: after.tif, labels: labels.tif}]}", "encoder: resnet18",
        "the network sees one date, 'after.tif' come with 'before' and 'after'"
      ),
      (
        "{target: [{before: before.tif, after: after.tif, labels: labels.tif}]}",
        "compares: siamese-difference",
        "the network compares two dates: give 'data.pairs', or 'data.pairing: by-date'"
      ),
      (
        "{target: [{scene: after.tif, before: before.tif, after: after.tif, labels: labels.tif}]}",
        "compares: siamese-difference", "give 'scene', or 'before' and 'after'"
      ),
      (
        "{target: [{before: before.tif, labels: labels.tif}]}", "compares: siamese-difference",
        "needs 'after'"
      ),
    ])
  func refused(data: String, network: String, message: String) throws {
    let site = try site()
    try site.pipeline(
      "wrong", data: data,
      stages: [
        "pretrain-load: {\(network)}", "fine-tune: {strategy: full, epochs: 1}",
        "inference: {window: 64, overlap: 16}",
      ])
    let said = try site.command("validate", "wrong.yaml")
    #expect(said.code == 78 && said.errors.contains(message), "\(said.errors)")
  }

  @Test("Maps of a network that compares are not compared again")
  func comparedTwice() throws {
    let site = try site()
    try site.pipeline(
      "twice", data: data,
      stages: [
        "pretrain-load: {compares: siamese-difference}", "fine-tune: {strategy: full, epochs: 1}",
        "inference: {window: 64, overlap: 16}", "change-detection: {method: post-classification}",
      ])
    let said = try site.command("validate", "twice.yaml")
    #expect(
      said.code == 78 && said.errors.contains("the network compares the dates itself"), "\(said.errors)")
  }
}
