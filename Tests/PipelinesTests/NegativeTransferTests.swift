import Chips
import Foundation
import Models
import Rasters
import Testing

/// A source that teaches nonsense, and a recipe that cannot unlearn it: the run must say so and do what the
/// file says.
@Suite("Negative transfer", .startsCommand, .serialized)
struct NegativeTransferTests {
  /// The source's labels follow no rule that its pixels show; those of the target do.
  private func site(stages: [String]) throws -> StagesSite {
    let site = try StagesSite()
    let (here, there) = (StagesSite.Ground(), StagesSite.Ground(layout: 2))
    try site.scene("source.tif", here)
    try shuffledLabels("source-labels.tif", here, site)
    try site.scene("target.tif", there)
    try site.labels("few.tif", there) { row, _ in row < 32 }
    try site.labels("truth.tif", there) { row, _ in row >= 32 }
    let data =
      "{source: [{scene: source.tif, labels: source-labels.tif}], target: [{scene: target.tif, labels: few.tif}], "
      + "test: [{scene: target.tif, labels: truth.tif}], scenes: target.tif}"
    try site.pipeline("guard", data: data, stages: stages)
    return site
  }

  private func shuffledLabels(_ name: String, _ ground: StagesSite.Ground, _ site: StagesSite) throws {
    let writer = try RasterWriter(
      path: site.url(name).path, grid: ground.grid,
      options: .init(type: .byte, bandNames: ["class"], noData: 0))
    try writer.write(
      ground.grid.bounds, (0..<ground.width * ground.height).map { UInt8(($0 * 2_654_435_761 >> 9) % 2 + 1) })
    try writer.close()
  }

  private let harm = [
    "pretrain-load:",
    "fine-tune: {data: source, strategy: full, encoder-rate: 1, epochs: 3, batch: 4, validation: 0, learning-rate: 1e-3}",
    "fine-tune: {strategy: linear-probe, epochs: 1, batch: 4, validation: 0, learning-rate: 1e-5}",
  ]

  private func evaluation(_ action: String) -> String {
    "evaluate: {split: held-out, scratch-epochs: 25, scratch-learning-rate: 2e-3, on-negative-transfer: \(action)}"
  }

  private func findings(_ site: StagesSite, task: String) throws -> SummaryFindings {
    let summary = try site.json("output/guard/runs/latest/summary.json") as? [String: Any]
    let stages = summary?["stages"] as? [[String: Any]] ?? []
    let tasks = stages.flatMap { $0["tasks"] as? [[String: Any]] ?? [] }
    return SummaryFindings(of: tasks.first { $0["subject"] as? String == task } ?? [:])
  }

  /// The share of the map's pixels in the truth's half that are right.
  private func accuracy(_ site: StagesSite) throws -> Double {
    let map = try site.pixels("output/guard/products/target/landcover.tif")
    let ground = StagesSite.Ground(layout: 2)
    let places = (32 * 64..<64 * 64).filter { $0 % 64 >= ground.border }
    return Double(places.count { Int(map[$0]) == ground.kind($0 / 64, $0 % 64) + 1 }) / Double(places.count)
  }

  @Test("It is said at the end and in the summary, and fall-back maps with the network from scratch")
  func fallBack() throws {
    let site = try site(
      stages: harm + [evaluation("fall-back"), "inference: {window: 64, overlap: 8}", "geotiff:"])
    let run = try site.run("guard.yaml", "--threads", "1")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("negative transfer: 'fine-tuned' is worse than 'from scratch' by "))
    #expect(run.output.contains("maps are made with 'from scratch', which did better"))
    let findings = try findings(site, task: "evaluate")
    #expect(findings.flag("negative-transfer") == true)
    #expect(findings.text("verdict")?.hasPrefix("negative transfer: ") == true)
    #expect(try self.findings(site, task: "evaluate-verdict").text("delivered-model") == "from scratch")
    let scores = findings.rows("model-scores", by: "model")
    let scratch = scores["from scratch"]?["overall-accuracy"] as? Double ?? 0
    #expect(scratch > 0.8)
    // The map is the winner's.
    #expect(try abs(accuracy(site) - scratch) < 0.01)
  }

  @Test("fail stops before a map is made, with the verdict; what was found is kept")
  func fail() throws {
    let site = try site(
      stages: harm + [evaluation("fail"), "inference: {window: 64, overlap: 8}", "geotiff:"])
    let run = try site.run("guard.yaml", "--quiet", "--threads", "1")
    #expect(run.code == 65 && run.errors.contains("negative transfer: 'fine-tuned' is worse than"))
    #expect(try site.json("output/guard/reports/evaluate/evaluation.json") is [String: Any])
    #expect(!FileManager.default.fileExists(atPath: site.url("output/guard/products").path))
  }

  @Test("Where transfer pays, the recipe's own model goes on")
  func pays() throws {
    let learns = [
      "pretrain-load:",
      "fine-tune: {strategy: full, encoder-rate: 1, epochs: 25, batch: 4, validation: 0, learning-rate: 2e-3}",
      "evaluate: {split: held-out, scratch-epochs: 1, scratch-learning-rate: 1e-6, on-negative-transfer: fail}",
      "inference: {window: 32, overlap: 8}", "geotiff:",
    ]
    let site = try site(stages: learns)
    let run = try site.run("guard.yaml", "--threads", "1")
    #expect(run.code == 0, "\(run.errors)")
    // No stage learned from the source, so that the evaluation has trained that model, too.
    #expect(run.output.contains("transfer pays: 'fine-tuned' is better than 'source only' by "))
    let delivered = try Data(contentsOf: site.url("output/guard/models/latest/model.safetensors"))
    let models = try site.contents("output/guard/models")
    #expect(models.filter { $0.key.hasSuffix("model.safetensors") && $0.value == delivered }.count >= 2)
  }
}
