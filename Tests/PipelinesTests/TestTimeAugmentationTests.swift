import Foundation
import Testing

@Suite("Test-time augmentation in a pipeline", .startsCommand, .serialized)
struct TestTimeAugmentationTests {
  @Test("changes what is mapped and what is scored, and nothing of what is trained")
  func chain() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try site.labels("labels.tif")
    let entry = "[{scene: scene.tif, labels: labels.tif}]"
    func results(_ name: String, _ setting: String) throws -> (
      weights: Data, confidence: [UInt8], error: Double
    ) {
      try site.pipeline(
        name, data: "{target: \(entry), test: \(entry), scenes: scene.tif}",
        stages: [
          "pretrain-load:", "fine-tune: {strategy: full, epochs: 2, batch: 4}",
          "evaluate: {split: held-out, from-scratch: false}",
          "inference: {window: 64, overlap: 16\(setting)}", "geotiff: {confidence: true}",
        ])
      let run = try site.run("\(name).yaml")
      try #require(run.code == 0, "\(run.errors)")
      let report = try #require(
        try site.json("output/\(name)/reports/evaluate/evaluation.json") as? [String: Any])
      let models = try #require(report["models"] as? [[String: Any]])
      return (
        try Data(contentsOf: site.url("output/\(name)/models/latest/model.safetensors")),
        try site.pixels("output/\(name)/products/scene/confidence.tif"),
        try #require(models[0]["calibration error"] as? Double)
      )
    }
    let (plain, augmented) = (
      try results("plain", ""), try results("augmented", ", test-time-augmentation: true")
    )
    #expect(plain.weights == augmented.weights)
    #expect(plain.confidence != augmented.confidence && plain.error != augmented.error)
  }
}
