import CPUKernels
import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("A model is written as an ONNX graph", .serialized)
struct ONNXExportTests {
  private func model(_ architecture: String, _ encoder: String) throws -> Model {
    let bands = ["B02", "B03", "B04", "B08"].map {
      ModelCard.Band(name: $0, wavelength: nil, mean: 0.1, deviation: 0.2)
    }
    return try Model(
      card: ModelCard(
        architecture: architecture, encoder: encoder, sensor: "sentinel-2-l2a", bands: bands,
        classes: [.init(value: 1, name: "water"), .init(value: 2, name: "land")], hasTrainedHead: true),
      seed: 4)
  }

  private func path() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("terrane-\(UUID().uuidString).onnx").path
  }

  static let networks = [
    ("unet", "resnet18", true), ("unet", "efficientnet-b0", true), ("deeplabv3plus", "resnet18", false),
    ("classifier", "mobilenet_v3_large", true), ("pixelwise", "mlp", true),
  ]

  @Test(
    "the graph is the network's, its constants are the parameters, the card is inside", arguments: networks)
  func network(architecture: String, encoder: String, isFree: Bool) throws {
    let (model, path) = (try model(architecture, encoder), path())
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try model.writeONNX(to: path, side: 64) == isFree)
    let file = try WeightsFile(contentsOf: path)
    #expect(file.format == .onnx)
    for entry in file.entries {
      guard let parameter = model.network.parameters[entry.name] else { continue }
      #expect(try file.tensor(entry.name).values == parameter.tensor.values, "\(entry.name)")
    }
    // What the graph computes is found without its names, by who reads the graphs of others.
    let found = try #require(try FoldedNetwork(file, among: [Model.architecture(of: model.card)]))
    for entry in found.file.entries {
      let own = try #require(model.network.parameters[entry.name], "\(entry.name)")
      #expect(try found.file.tensor(entry.name).values == own.tensor.values, "\(entry.name)")
    }
    let read = try Model(contentsOf: path)
    #expect(read.card == model.card)
    let images = Value(HashedValues("images").tensor([1, 4, 64, 64]))
    let pass = Pass(.inference, kernels: KernelSet.standard)
    let (ours, theirs) = (model.network(images, in: pass), read.network(images, in: pass))
    #expect(
      pass.tape.kernels.plain(ours.scores.tensor).values
        == pass.tape.kernels.plain(theirs.scores.tensor).values)
  }

  @Test("the same model gives the same bytes")
  func repeatable() throws {
    let (first, second) = (path(), path())
    defer { for path in [first, second] { try? FileManager.default.removeItem(atPath: path) } }
    for path in [first, second] { _ = try model("pixelwise", "mlp").writeONNX(to: path, side: 64) }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: first)) == Data(contentsOf: URL(fileURLWithPath: second)))
  }

  @Test("a network with operations that have no form in the graph is refused by their names")
  func unsupported() throws {
    let path = path()
    let error = #expect(throws: CheckpointError.self) {
      try model("upernet", "vit_small_patch16_224").writeONNX(to: path, side: 64)
    }
    #expect(
      error?.code == .mismatch && error?.problem.contains("is not written as ONNX: it has operations") == true
    )
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
