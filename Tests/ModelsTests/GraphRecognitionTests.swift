import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Graphs of PyTorch's exporters in which normalisations are joined with convolutions, by
/// `Golden/write_graphs.py`.
@Suite("A network is found in a graph by what it computes", .serialized)
struct GraphRecognitionTests {
  private static let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden/graphs")

  /// Copies a graph beside a file of weights that is empty but for a number where each weight begins.
  private static func marked(_ name: String) throws -> (folder: URL, file: WeightsFile, places: [String: Int])
  {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-graph-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let data = folder.appendingPathComponent("weights.bin")
    try Data().write(to: data)
    let graph = folder.appendingPathComponent("m.onnx")
    try FileManager.default.copyItem(at: Self.folder.appendingPathComponent(name + ".onnx"), to: graph)
    // The size of the data must be known before the graph can be opened: the file is made long enough for
    // all.
    let handle = try FileHandle(forWritingTo: data)
    try handle.truncate(atOffset: 64 << 20)
    let metadata = try WeightsFile(contentsOf: graph.path).metadata
    let places = try JSONDecoder().decode([String: Int].self, from: Data(metadata["weights"]!.utf8))
    for (index, place) in places.values.sorted().enumerated() {
      try handle.seek(toOffset: UInt64(place))
      try handle.write(contentsOf: withUnsafeBytes(of: Float(index + 1).bitPattern.littleEndian) { Data($0) })
    }
    try handle.close()
    return (folder, try WeightsFile(contentsOf: graph.path), places)
  }

  static let networks = [
    ("resnet18", "resnet18", 21), ("mobilenet_v3_large", "mobilenet_v3_large", 64),
    ("efficientnet_b0", "efficientnet_b0", 82), ("densenet121", "densenet121", 121),
    ("unet-resnet18", "unet with resnet18", 31),
    ("deeplabv3plus-resnet18", "deeplabv3plus with resnet18", 35),
  ]

  @Test("every weight is the one that PyTorch's module has, under its path", arguments: networks)
  func places(name: String, network: String, count: Int) throws {
    let (folder, file, places) = try Self.marked(name)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(places.count == count)
    let found = try Recognition.unfolded(file)
    let best = try #require(Recognition.candidates(for: found).first { $0.isExact })
    #expect(best.network.description == network)
    let order = places.values.sorted()
    for (path, place) in places {
      let marker = try found.tensor(path).values[0]
      #expect(marker == Float(order.firstIndex(of: place)! + 1), "\(path)")
    }
    #expect(found.notes.last?.hasPrefix("found \(network) in the graph by its ") == true)
  }

  @Test("a joined normalisation does nothing any more: zeros give the offsets")
  func identity() throws {
    let (folder, file, _) = try Self.marked("resnet18")
    defer { try? FileManager.default.removeItem(at: folder) }
    let found = try Recognition.unfolded(file)
    let scale = try found.tensor("bn1.weight").values
    let variance = try found.tensor("bn1.running_var").values
    #expect(zip(scale, variance).allSatisfy { abs($0 / ($1 + 1e-5).squareRoot() - 1) < 1e-7 })
    #expect(try found.tensor("bn1.running_mean").values.allSatisfy { $0 == 0 })
  }

  @Test("the network gives what the graph gives", arguments: ["pixels-script", "pixels-dynamo"])
  func scores(name: String) throws {
    let file = try WeightsFile(contentsOf: Self.folder.appendingPathComponent(name + ".onnx").path)
    let wanted = try #require(Architecture.named("pixelwise", encoder: "mlp"))
    let start = try StartingWeights(file, for: wanted)
    #expect(start.isWhole)
    let network = wanted.network(NetworkOptions(bands: 5, classes: 3, scheme: wanted.schemes[0]))
    try StrictLoading.load(start.file, into: network.parameters)
    let golden = try WeightsFile(contentsOf: Self.folder.appendingPathComponent("pixels.safetensors").path)
    let expected = try golden.tensor(name)
    for kernels in KernelSet.all {
      let scores = network(Value(try golden.tensor("input")), in: Pass(.inference, kernels: kernels)).scores
      #expect(
        scaledDifference(kernels.plain(scores.tensor).values, expected.values) < 2e-6, "\(kernels.name)")
    }
  }

  @Test("a graph of another network is refused with what it is, and where it differs")
  func otherNetwork() throws {
    let (folder, file, _) = try Self.marked("unet-resnet18")
    defer { try? FileManager.default.removeItem(at: folder) }
    let wanted = try #require(Architecture.named("unet", encoder: "resnet34"))
    let error = #expect(throws: CheckpointError.self) { try StartingWeights(file, for: wanted) }
    #expect(error?.code == .mismatch)
    #expect(error?.problem.hasPrefix("an ONNX graph by pytorch 2.15.0 of ") == true)
    #expect(
      error?.problem.contains(
        "its 31 convolutions and linear maps are no network that terrane has; resnet18 agrees with it up to number 20: "
      ) == true, "\(error?.problem ?? "")")
  }

  @Test("an encoder's graph starts a network over it")
  func encoder() throws {
    let (folder, file, _) = try Self.marked("resnet18")
    defer { try? FileManager.default.removeItem(at: folder) }
    let start = try StartingWeights(file, for: try #require(Architecture.named("unet", encoder: "resnet18")))
    #expect(!start.isWhole && start.file["encoder.layer4.1.conv2.weight"] != nil)
  }
}
