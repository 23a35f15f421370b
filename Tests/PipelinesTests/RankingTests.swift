import Foundation
import Testing

@Suite("Ranking of weights", .startsCommand, .serialized)
struct RankingTests {
  private func site() throws -> StagesSite {
    let site = try StagesSite()
    try site.scene("target.tif")
    try site.labels("labels.tif")
    try site.weights("untrained.safetensors")
    try site.pipeline(
      "learn", data: "{target: [{scene: target.tif, labels: labels.tif}]}",
      stages: [
        "pretrain-load: {weights: untrained.safetensors}",
        "fine-tune: {strategy: full, encoder-rate: 1, epochs: 20, batch: 4, validation: 0, learning-rate: 2e-3}",
      ])
    return site
  }

  @Test("Weights are not ranked on other scenes than a stage would make")
  func makesScenes() throws {
    let site = try site()
    try site.pipeline(
      "made", data: "{target: [{scene: target.tif, labels: labels.tif}]}",
      stages: ["composite:", "pretrain-load: {weights: untrained.safetensors}"])
    let result = try site.command("rank", "made.yaml", "untrained.safetensors")
    #expect(
      result.code == 78 && result.errors.contains("rank: composite makes the scenes"), "\(result.errors)")
  }

  @Test("Weights that have learned the classes come before weights that have not, by every score")
  func order() throws {
    let site = try site()
    #expect(try site.run("learn.yaml", "--quiet", "--threads", "1").code == 0)
    let learned = "output/learn/models/latest/model.safetensors"
    let result = try site.command("rank", "learn.yaml", "untrained.safetensors", learned, "--threads", "1")
    #expect(result.code == 0, "\(result.errors)")
    let rows = result.output.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true)
    }
    #expect(rows[0].map(String.init) == ["weights", "LogME", "H-score", "LEEP", "NCE"])
    try #require(rows.count >= 3 && rows[1].count == 5 && rows[2].count == 5)
    #expect(rows[1][0] == learned && rows[2][0] == "untrained.safetensors")
    for column in 1...4 {
      let (better, worse) = (Double(rows[1][column]), Double(rows[2][column]))
      #expect(better! > worse!, "\(rows[0][column]): \(rows[1][column]) and \(rows[2][column])")
    }
  }

  @Test("A file that holds no weights is named and costs the others nothing")
  func unfitting() throws {
    let site = try site()
    try Data("no weights".utf8).write(to: site.url("broken.safetensors"))
    let result = try site.command("rank", "learn.yaml", "broken.safetensors", "untrained.safetensors")
    #expect(result.code == 3 && result.output.contains("\nuntrained.safetensors "))
    #expect(!result.output.contains("broken") && result.errors.hasPrefix("terrane: not ranked: "))
    #expect(
      result.errors.contains("broken.safetensors: neither safetensors, nor written by torch.save, nor ONNX"))
    #expect(try site.command("rank", "learn.yaml", "broken.safetensors").code == 65)
  }

  @Test("A missing file, a pipeline without labels and a wrong number of threads are errors of their own")
  func errors() throws {
    let site = try site()
    let missing = try site.command("rank", "learn.yaml", "nowhere.pth")
    #expect(missing.code == 66 && missing.errors.contains("nowhere.pth: no such file"))
    try site.pipeline(
      "bare", data: "{unlabelled: [target.tif]}", stages: ["pretrain-load: {weights: untrained.safetensors}"])
    let bare = try site.command("rank", "bare.yaml", "untrained.safetensors")
    #expect(bare.code == 78 && bare.errors.contains("no labels in data.target"))
    #expect(try site.command("rank", "learn.yaml", "untrained.safetensors", "--threads", "0").code == 64)
  }
}
