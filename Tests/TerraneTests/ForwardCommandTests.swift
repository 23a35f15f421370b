import Checkpoints
import Foundation
import Layers
import Models
import Numerics
import Tensors
import Testing

/// `terrane forward` and `terrane inspect` on weights that the test writes.
@Suite("Weights on a tensor", .enabled(if: TerraneCommand.isBuilt), .serialized)
struct ForwardCommandTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "terrane-forward-\(UUID().uuidString)")
  private var weights: String { folder.appendingPathComponent("weights.safetensors").path }
  private var input: String { folder.appendingPathComponent("input.safetensors").path }
  private var output: String { folder.appendingPathComponent("output.safetensors").path }

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let network = Architecture.all.first { $0.name == "mobilenet_v2" }!
      .network(NetworkOptions(bands: 4, classes: 5, scheme: .torchvision), seed: 9)
    let tensors = Dictionary(uniqueKeysWithValues: network.parameters.all.map { ($0.path, $0.tensor) })
    try Safetensors(tensors: tensors).write(to: weights)
    var random = RandomSource(seed: 1, stream: "forward")
    let images = Tensor((0..<2 * 4 * 49 * 61).map { _ in Float(random.normal()) }, shape: [2, 4, 49, 61])
    try Safetensors(tensors: ["input": images]).write(to: input)
  }

  private func forward(_ more: String..., architecture: String = "mobilenet_v2") throws
    -> TerraneCommand.CommandExit
  {
    try TerraneCommand.start(
      [
        "forward", "--architecture", architecture, "--weights", weights, "--input", input, "--output", output,
      ] + more
    ).end()
  }

  @Test("scores, and the maps that were asked for")
  func scores() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let ending = try forward("--activation", "features.3", "--activation", "features.18")
    #expect(ending.code == 0, "\(ending.errors)")
    let found = try WeightsFile(contentsOf: output)
    #expect(found["output"]?.shape == [2, 5])
    #expect(found["features.18"]?.shape == [2, 1280, 2, 2])
    #expect(try found.tensor("features.3").shape.channels == 24)
    #expect(try found.tensor("output").values.allSatisfy(\.isFinite))
  }

  @Test("what cannot be run is refused by name")
  func refusals() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var ending = try forward(architecture: "mobilenet_v9")
    #expect(
      ending.code == 64
        && ending.errors.contains("there is no architecture mobilenet_v9; there are: resnet18"))
    ending = try forward(architecture: "resnet18")
    #expect(ending.code == 65 && ending.errors.contains("these are not weights of resnet18"))
    ending = try forward("--activation", "layer1")
    #expect(ending.code == 64 && ending.errors.contains("--activation layer1: mobilenet_v2 has features."))
    try Safetensors(tensors: ["input": Tensor(repeating: 0, shape: [1, 3, 8, 8])]).write(to: input)
    ending = try forward()
    #expect(
      ending.code == 65
        && ending.errors.contains("tensor 'input' is [1, 3, 8, 8], the network wants [N, 4, H, W]"))
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test("inspect names the architecture, with bands, classes and maps")
  func inspect() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let ending = try TerraneCommand.run("inspect", weights)
    #expect(ending.code == 0)
    #expect(ending.output.contains("architecture: mobilenet_v2 in torchvision's names, 4 bands, 5 classes: "))
    #expect(ending.output.contains("maps: features."))
    #expect(ending.output.contains("no model card"))
  }
}
