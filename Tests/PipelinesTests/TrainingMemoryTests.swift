import Foundation
import Testing

@Suite("Training data that do not fit in memory", .startsCommand, .serialized)
struct TrainingMemoryTests {
  /// Labels in two corners of scenes that are several blocks wide and tall.
  private func site() throws -> StagesSite {
    let site = try StagesSite()
    let (here, there) = (
      StagesSite.Ground(width: 300, height: 280), StagesSite.Ground(width: 290, height: 300, layout: 2)
    )
    func isLabelled(_ row: Int, _ column: Int) -> Bool {
      row < 30 && column < 40 || row > 250 && column > 240
    }
    try site.scene("source.tif", here)
    try site.labels("source-labels.tif", here, where: isLabelled)
    try site.scene("target.tif", there, gain: 1.3)
    try site.labels("target-labels.tif", there, where: isLabelled)
    try site.weights("weights.safetensors")
    try site.pipeline(
      "memory",
      data: "{source: [{scene: source.tif, labels: source-labels.tif}], "
        + "target: [{scene: target.tif, labels: target-labels.tif}]}",
      stages: [
        "pretrain-load: {weights: weights.safetensors}",
        "domain-adaptation: {method: histogram-matching}",
        "domain-adaptation: {method: self-training, epochs: 1, batch: 4, augmentation: {rotation: 30}}",
        "fine-tune: {epochs: 1, head-epochs: 1, batch: 4, validation: 0.25, validation-block: 16}",
        "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0, from-scratch: false}",
      ])
    return site
  }

  @Test("A training in blocks leaves the models and the scores of one in memory, byte for byte")
  func sameBytes() throws {
    let site = try site()
    let whole = try site.run("memory.yaml", "--threads", "2")
    try #require(whole.code == 0, "\(whole.errors)")
    let blocks = try site.run(
      "memory.yaml", "--threads", "2", "--output", "blocks", "--set", "chips.memory=8KiB")
    try #require(blocks.code == 0, "\(blocks.errors)")
    let models = try site.contents("output/memory/models")
    #expect(try models.count >= 10 && models == site.contents("blocks/models"))
    #expect(try site.contents("output/memory/reports") == site.contents("blocks/reports"))
    #expect(
      try site.contents("output/memory/cache").keys.sorted() == site.contents("blocks/cache").keys.sorted())
    // What changes no byte makes nothing stale.
    let again = try site.run("memory.yaml", "--set", "chips.memory=8KiB")
    #expect(again.code == 0)
    #expect(try site.statuses("memory").allSatisfy { $0.hasSuffix(": up-to-date") })
  }
}
