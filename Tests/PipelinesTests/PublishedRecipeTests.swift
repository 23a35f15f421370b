import Foundation
import Pipelines
import Settings
import Testing

/// What fine-tuning does where the file leaves its settings out, behind a published network.
@Suite("The recipe of published networks")
struct PublishedRecipeTests {
  private static let clouds =
    "[{value: 3, name: shadow}, {value: 1, name: cloud}, {value: 2, name: clear}]"

  /// The settings in force of the stage behind a published network of clear ground, clouds and shadows.
  private func settings(
    of stage: String = "fine-tune", _ written: String = "{}", classes: String = clouds,
    architecture: String = "unet"
  ) throws -> [String: JSONValue] {
    let pipeline = try Pipeline.parse(
      """
      sensor: sentinel-2-l2a
      bands: [B02, B03, B04, B08, B11, B12]
      classes: \(classes)
      data:
        target: [{scene: a.tif, labels: a.geojson}]
        test: [{scene: b.tif, labels: b.geojson}]
      stages:
        - pretrain-load: {architecture: \(architecture), encoder: efficientnet-b4, weights: w.onnx, published-card: ukis-csmask-6b-l2a}
        - \(stage): \(written)

      """, path: "p.yaml", url: URL(fileURLWithPath: "/nowhere/p.yaml"), stages: .standard, checksPaths: false
    )
    guard case .object(let settings) = pipeline.stages[1].settings else { return [:] }
    return settings
  }

  @Test("classes of the network's names, in any order, are learned by it")
  func published() throws {
    let settings = try settings()
    #expect(settings["strategy"] == "full" && settings["batch-norm"] == "frozen")
    #expect(settings["learning-rate"] == 3e-4 && settings["encoder-rate"] == .number(1))
    #expect(settings["epochs"] == 20 && settings["batch"] == 4)
    #expect(settings["averaging"] == "ema" && settings["ema-decay"] == 0.98)
    #expect(settings["trained-share"] == 0.5 && settings["loss"] == ["cross-entropy"])
    guard case .object(let augmentation)? = settings["augmentation"] else {
      Issue.record("no augmentation")
      return
    }
    #expect(augmentation["gain"] == .number(0) && augmentation["offset"] == .number(0))
    #expect(augmentation["cutmix"] == 0.5 && augmentation["flips"] == true)
  }

  @Test("what the file writes wins, and what cannot go with it gives way")
  func written() throws {
    let rate = try settings("{learning-rate: 1e-5, augmentation: {gain: 0.2}}")
    #expect(rate["learning-rate"] == 1e-5 && rate["batch-norm"] == "frozen")
    let lora = try settings("{strategy: lora}")
    #expect(lora["strategy"] == "lora" && lora["trained-share"] == .number(1))
    #expect(lora["averaging"] == "none")
    #expect(try settings("{averaging: snapshots}")["trained-share"] == .number(1))
  }

  @Test(
    "other classes and another decoder learn as ever",
    arguments: [
      ("[{value: 1, name: water}, {value: 2, name: land}]", "unet"), (clouds, "fpn"),
      ("[{value: 1, name: cloud}, {value: 2, name: clear}]", "unet"),
    ])
  func others(classes: String, architecture: String) throws {
    let settings = try settings(classes: classes, architecture: architecture)
    #expect(settings["strategy"] == "linear-probe-then-full" && settings["batch-norm"] == "learn")
    #expect(settings["trained-share"] == .number(1) && settings["epochs"] == 30)
    #expect(settings["averaging"] == "none" && settings["encoder-rate"] == 0.1)
  }
}
