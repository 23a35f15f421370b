import Foundation
import Testing

/// `terrane export` in the words of a user.
@Suite("A model for other programs", .enabled(if: TerraneCommand.isBuilt))
struct ExportCommandTests {
  @Test("the graph is written with its card, and read as weights again")
  func graph() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-\(UUID().uuidString).onnx"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let ending = try TerraneCommand.run("export", try TrainedModel.weights(), "--onnx", path)
    #expect(ending.code == 0, "\(ending.errors)")
    #expect(ending.errors.contains("the graph takes images whose sides are multiples of 32"))
    let inspection = try TerraneCommand.run("inspect", path)
    #expect(inspection.output.contains("format: ONNX"))
    #expect(inspection.output.contains("  card: unet with resnet18"))
  }

  @Test("a model that is not there, a size that no network halves, and weights without a card are refused")
  func refusals() throws {
    let missing = try TerraneCommand.run("export", "none.safetensors", "--onnx", "m.onnx")
    #expect(missing.code == 66 && missing.errors.contains("none.safetensors"))
    let size = try TerraneCommand.run("export", "none.safetensors", "--onnx", "m.onnx", "--size", "100")
    #expect(size.code == 64 && size.errors.contains("--size must be a multiple of 32"))
  }
}
