import Foundation
import Rasters
import Testing

/// Labels that fall out are said, or refused, by whatever uses them.
@Suite("Labels that count for nothing", .startsCommand, .serialized)
struct LabelReportTests {
  private static let network = "pretrain-load: {architecture: pixelwise, encoder: mlp}"
  private static let training =
    "fine-tune: {strategy: full, encoder-rate: 1, learning-rate: 1e-2, epochs: 1, validation: 0}"

  /// The findings and warnings of the first task of a stage.
  private func task(_ site: StagesSite, _ stage: String) throws -> (
    findings: SummaryFindings, warnings: [String]
  ) {
    let summary = try site.json("output/labels/runs/latest/summary.json") as? [String: Any]
    let stages = summary?["stages"] as? [[String: Any]] ?? []
    let tasks = stages.first { $0["stage"] as? String == stage }?["tasks"] as? [[String: Any]]
    return (SummaryFindings(of: tasks?.first ?? [:]), tasks?.first?["warnings"] as? [String] ?? [])
  }

  /// Four squares of eight pixels in the ground's system, with the values of their field.
  private func geojson(_ site: StagesSite, _ values: [String], side: Double = 80) throws {
    let features = values.enumerated().map { index, value in
      let (left, top) = (600_101.0 + Double(index % 2) * 200, 5_199_899.0 - Double(index / 2) * 200)
      let ring = [(0.0, 0.0), (side, 0), (side, -side), (0, -side), (0, 0)]
        .map { "[\(left + $0.0), \(top + $0.1)]" }.joined(separator: ", ")
      return
        #"{"type": "Feature", "properties": {"class": \#(value)}, "geometry": {"type": "Polygon", "coordinates": [[\#(ring)]]}}"#
    }
    let text =
      #"{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:32632"}}, "features": [\#(features.joined(separator: ", "))]}"#
    try Data(text.utf8).write(to: site.url("few.geojson"))
  }

  @Test(
    "A raster's values of no class are noted with their pixels, and classes without a label, in table and summary"
  )
  func raster() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try site.labels("labels.tif", values: [1, 20])
    try site.pipeline(
      "labels", data: "{target: [{scene: scene.tif, labels: labels.tif}]}",
      stages: [Self.network, Self.training])
    let run = try site.run("labels.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let (findings, warnings) = try task(site, "fine-tune")
    let other = try #require(findings.rows("labels-left-out").first)
    let count = try #require(other["count"] as? Int)
    #expect(count > 1000 && other["value"] as? String == "20" && other["reason"] as? String == "no-class")
    #expect(
      warnings == [
        "labels.tif: 20: \(count) pixels are no class of the pipeline",
        "no labelled pixel of 'trees & <shrubs>'",
      ])
    for warning in warnings { #expect(run.output.contains("note: fine-tune:fine-tune: \(warning)\n")) }
    // Whoever asks for it is not told.
    try site.pipeline(
      "labels",
      data:
        "{target: [{scene: scene.tif, labels: labels.tif, other-classes: ignore}], test: [{scene: scene.tif, labels: labels.tif}]}",
      stages: [Self.network, Self.training, "evaluate: {split: held-out, from-scratch: false}"])
    try site.labels("labels.tif", values: [1, 30])
    let again = try site.run("labels.yaml", "--threads", "1")
    try #require(again.code == 0, "\(again.errors)")
    #expect(try task(site, "fine-tune").warnings == ["no labelled pixel of 'trees & <shrubs>'"])
    #expect(try task(site, "evaluate").warnings.contains { $0.hasPrefix("labels.tif: 30: ") })
  }

  @Test(
    "A vector file's names of no class are an error that says what was meant, unless they are to be ignored")
  func vector() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try geojson(site, [#""water""#, #""trees & shrubs""#, #""Trees & <Shrubs>""#, "7"])
    func pipeline(_ more: String) throws {
      try site.pipeline(
        "labels", data: "{target: [{scene: scene.tif, labels: few.geojson\(more)}]}",
        stages: [Self.network, Self.training])
    }
    try pipeline("")
    let run = try site.run("labels.yaml", "--threads", "1", "--quiet")
    #expect(run.code == 65)
    #expect(
      run.errors.contains(
        "few.geojson: cannot find the class of all features: no class of the pipeline: 1 features: 7, "
          + "1 features: trees & shrubs (did you mean 'trees & <shrubs>'?)"), "\(run.errors)")
    try pipeline(", other-classes: ignore")
    let ignoring = try site.run("labels.yaml", "--threads", "1")
    #expect(ignoring.code == 0 && !ignoring.output.contains("no class"), "\(ignoring.errors)")
    let findings = try task(site, "fine-tune").findings
    #expect(
      findings.rows("labels-left-out", by: "value").mapValues { $0["count"] as? Int } == [
        "7": 1, "trees & shrubs": 1,
      ])
    #expect(
      findings.rows("labels", by: "class").mapValues { $0["pixels"] as? Int } == [
        "water": 64, "trees & <shrubs>": 64,
      ])
    let rank = try site.command("rank", "labels.yaml", "nothing.safetensors")
    #expect(rank.code == 66)
  }

  @Test("Polygons that cover no pixel centre are counted")
  func small() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try geojson(site, [#""water""#, "1", "1", "1"], side: 3)
    try site.pipeline(
      "labels", data: "{target: [{scene: scene.tif, labels: few.geojson}]}",
      stages: [Self.network, Self.training])
    let run = try site.run("labels.yaml", "--threads", "1", "--quiet")
    #expect(run.code == 65 && run.errors.contains("no labelled pixel of the pipeline's classes falls on"))
    try geojson(site, [#""water""#, "2", "2", "2"])
    let text = try String(contentsOf: site.url("few.geojson"), encoding: .utf8)
    let tiny = text.replacing(
      "\"class\": \"water\"}, \"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[600101.0, 5199899.0], [600181.0",
      with:
        "\"class\": \"water\"}, \"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[600101.0, 5199899.0], [600103.0"
    )
    #expect(tiny != text)
    try Data(
      tiny.replacing(
        "[600181.0, 5199819.0], [600101.0, 5199819.0]", with: "[600103.0, 5199819.0], [600101.0, 5199819.0]"
      ).utf8
    )
    .write(to: site.url("few.geojson"))
    #expect(try site.run("labels.yaml", "--threads", "1").code == 0)
    #expect(
      try task(site, "fine-tune").warnings == [
        "few.geojson: 1 features of 'water' cover no pixel centre of scene.tif",
        "no labelled pixel of 'water'",
      ])
  }

  @Test("'other-classes' belongs to labels, and labels of other formats are refused by their names")
  func settings() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try Data().write(to: site.url("labels.fgb"))
    try site.pipeline(
      "labels",
      data: "{target: [{scene: scene.tif, labels: labels.fgb}, {scene: scene.tif, other-classes: ignore}]}",
      stages: [Self.network, Self.training])
    let run = try site.command("validate", "labels.yaml")
    #expect(run.code == 78)
    #expect(run.errors.contains("a '.fgb' file is none of them: labels are GeoPackage, GeoJSON or Shapefile"))
    #expect(run.errors.contains("'other-classes' belongs to 'labels'"))
  }
}
