import Foundation
import Rasters
import Testing

/// Spatial blocks on labels that can be learned by heart but not understood.
@Suite("Evaluation")
struct EvaluationTests {
  /// 16 blocks of 16 pixels, each of a colour of its own; their classes follow no rule.
  private func puzzle(_ site: StagesSite) throws {
    let classes: [UInt8] = [1, 2, 2, 1, 2, 1, 1, 2, 1, 2, 1, 2, 2, 1, 2, 1]
    let ground = StagesSite.Ground()
    let blocks = (0..<64 * 64).map { (row: $0 / 64 / 16, column: $0 % 64 / 16) }
    let scene = try RasterWriter(
      path: site.url("scene.tif").path, grid: ground.grid,
      options: .init(type: .uint16, bandNames: StagesSite.bands, noData: 0))
    try scene.write(ground.grid.bounds, band: 1, blocks.map { UInt16(500 + 800 * $0.row) })
    try scene.write(ground.grid.bounds, band: 2, blocks.map { UInt16(500 + 800 * $0.column) })
    try scene.close()
    let labels = try RasterWriter(
      path: site.url("labels.tif").path, grid: ground.grid,
      options: .init(type: .byte, bandNames: ["class"], noData: 0))
    try labels.write(ground.grid.bounds, blocks.map { classes[$0.row * 4 + $0.column] })
    try labels.close()
  }

  @Test("No stage of the chain has seen a block that is held out, whatever it learned before")
  func noLeak() throws {
    guard let site = try StagesSite() else { return }
    try puzzle(site)
    let scene = "{scene: scene.tif, labels: labels.tif}"
    let training = "data: source, strategy: full, validation: 0, batch: 4, encoder-rate: 1"
    try site.pipeline(
      "leak", data: "{source: [\(scene)], test: [\(scene)]}",
      stages: [
        "pretrain-load:",
        "fine-tune: {\(training), epochs: 150, learning-rate: 3e-3, augmentation: {gain: 0, offset: 0}}",
        "fine-tune: {\(training), epochs: 1, learning-rate: 1e-9}",
        "evaluate: {split: held-out, from-scratch: false}",
        "evaluate: {split: spatial-blocks, folds: 4, block: 16, from-scratch: false}",
      ])
    let run = try site.run("leak.yaml", "--quiet")
    try #require(run.code == 0, "\(run.errors)")
    func accuracies(_ report: String) throws -> [String: Double] {
      let json = try site.json("output/leak/reports/\(report)/evaluation.json") as? [String: Any]
      let models = json?["models"] as? [[String: Any]] ?? []
      return Dictionary(
        uniqueKeysWithValues: models.map { ($0["name"] as? String ?? "", $0["OA"] as? Double ?? -1) })
    }
    // By heart: the test would see a leak.
    let seen = try accuracies("evaluate")
    #expect(
      seen.keys.sorted() == ["source only", "source only (2)"] && seen.values.allSatisfy { $0 > 0.9 },
      "\(seen)")
    let held = try accuracies("evaluate#2")
    #expect(
      held.keys.sorted() == ["source only", "source only (2)"] && held.values.allSatisfy { $0 < 0.75 },
      "\(held)")
  }
}
