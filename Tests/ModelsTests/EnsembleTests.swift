import CPUKernels
import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("Ensembles", .serialized)
struct EnsembleTests {
  private static let shape: Shape = [2, 3, 64, 96]
  private static let images = HashedValues("images").tensor(shape, scale: 2)

  private static func card(_ architecture: String = "unet", members: Int? = nil) -> ModelCard {
    ModelCard(
      architecture: architecture, encoder: "resnet18", sensor: "sentinel-2-l2a",
      bands: (0..<3).map { .init(name: "B\($0)", wavelength: nil, mean: 0, deviation: 1) },
      classes: (1...4).map { .init(value: UInt8($0), name: "class \($0)") }, hasTrainedHead: true,
      members: members)
  }

  /// A model whose values are the rule's for paths that begin with its number.
  private static func model(_ number: Int, _ architecture: String = "unet") throws -> Model {
    let model = try Model(card: card(architecture), seed: nil)
    for parameter in model.network.parameters.all {
      // The rule goes by the end of a path.
      parameter.set(HashedValues.parameter("\(number).\(parameter.path)", parameter.tensor.shape))
    }
    return model
  }

  private static func scores(_ model: Model, _ kernels: any Kernels = KernelSet.standard)
    -> Tensor
  {
    kernels.plain(model.network(Value(images), in: Pass(.inference, kernels: kernels)).scores.tensor)
  }

  private static func meanProbabilities(_ models: [Model], _ kernels: any Kernels) -> [Double] {
    let all = models.map { Softmax.probabilities(scores($0, kernels)).values }
    return all[0].indices.map { index in
      all.reduce(0.0) { $0 + Double($1[index]) } / Double(all.count)
    }
  }

  @Test(
    "the softmax of the scores is the mean of the members' probabilities, as it is and prepared",
    arguments: KernelSet.all.indices, ["unet", "fpn"])
  func scores(set: Int, architecture: String) throws {
    let kernels = KernelSet.all[set]
    let models = try (0..<3).map { try Self.model($0, architecture) }
    let ensemble = try Model(ensembleOf: models)
    let expected = Self.meanProbabilities(models, kernels)
    let found = Softmax.probabilities(Self.scores(ensemble, kernels)).values.map(Double.init)
    #expect(scaledDifference(found, expected) < 1e-5)
    let single = Softmax.probabilities(Self.scores(models[0], kernels)).values.map(Double.init)
    #expect(scaledDifference(single, expected) > 0.1, "the members agree anyway")

    let prepared = ensemble.prepared(height: 64, width: 96, on: kernels)
    let ready = Softmax.probabilities(prepared(Self.images)).values.map(Double.init)
    #expect(scaledDifference(ready, expected) < 1e-4)
  }

  @Test("in bf16 members' scores are not rounded before their mean", .enabled(if: KernelSet.bfloat16 != nil))
  func bfloat16() throws {
    let kernels = try #require(KernelSet.bfloat16)
    let models = try (0..<2).map { try Self.model($0) }
    func probabilities(_ model: Model) -> [Double] {
      let prepared = model.prepared(height: 64, width: 96, on: kernels)
      return Softmax.probabilities(prepared(Self.images)).values.map(Double.init)
    }
    let members = models.map(probabilities)
    let expected = zip(members[0], members[1]).map { ($0 + $1) / 2 }
    #expect(scaledDifference(probabilities(try Model(ensembleOf: models)), expected) < 1e-5)
  }

  @Test("a file of an ensemble is read again as what it was")
  func file() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ensemble-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("model.safetensors").path
    let models = try (0..<2).map { try Self.model($0) }
    let ensemble = try Model(ensembleOf: models)
    #expect(ensemble.card == Self.card(members: 2))
    try ensemble.write(to: path)
    let read = try Model(contentsOf: path)
    #expect(read.card == ensemble.card)
    #expect(Self.scores(read).values == Self.scores(ensemble).values)
    let names = try WeightsFile(contentsOf: path).entries.map(\.name)
    let paths = models[0].network.parameters.all.map(\.path)
    #expect(Set(names) == Set((0..<2).flatMap { index in paths.map { "members.\(index).\($0)" } }))
    // Copies: a member that learns on changes nothing here.
    let before = ensemble.network.parameters["members.0.encoder.conv1.weight"]!.tensor.values
    models[0].network.parameters["encoder.conv1.weight"]!.tensor.mutate { $0.update(repeating: 0) }
    #expect(ensemble.network.parameters["members.0.encoder.conv1.weight"]!.tensor.values == before)
  }

  @Test("of one model alone it is that model; those of an ensemble count each")
  func count() throws {
    let models = try (0..<3).map { try Self.model($0) }
    let one = try Model(ensembleOf: [models[0]])
    #expect(one.card == models[0].card && one.network is PixelNetwork)
    #expect(Self.scores(one).values == Self.scores(models[0]).values)

    let two = try Model(ensembleOf: Array(models[..<2]))
    let three = try Model(ensembleOf: [two, models[2]])
    #expect(three.card.members == 3)
    #expect(Self.scores(three).values == Self.scores(try Model(ensembleOf: models)).values)
  }

  @Test("fresh members differ, have their places in stages, and learn each")
  func parts() throws {
    let model = try Model(card: Self.card(members: 2), seed: 1)
    let parameters = model.network.parameters
    let first = try #require(parameters[model.network.description.firstConvolution])
    #expect(first.path == "members.0.encoder.conv1.weight")
    #expect(first.tensor.values != parameters["members.1.encoder.conv1.weight"]!.tensor.values)
    for parameter in parameters.all {
      #expect(model.network.description.parts.count { $0.contains(parameter.path) } == 1, "\(parameter.path)")
    }
    let pass = Pass(.training, kernels: KernelSet.standard)
    let scores = model.network(Value(Self.images), in: pass).scores
    scores.accumulate(HashedValues("gradient").tensor(scores.tensor.shape), with: KernelSet.standard)
    #expect(pass.backward().count == parameters.all.count(where: \.role.isLearned))
  }

  @Test("members of different kinds, and numbers that cannot be, are refused")
  func refused() throws {
    let models = [try Self.model(0), try Self.model(1, "fpn")]
    let error = #expect(throws: CheckpointError.self) { try Model(ensembleOf: models) }
    #expect(error?.description.contains("fpn with resnet18 cannot join unet with resnet18") == true)
    for members in [-1, 0, 65] {
      let error = #expect(throws: CheckpointError.self) {
        try Model(card: Self.card(members: members), seed: nil)
      }
      #expect(error?.code == .card && error?.problem.contains("of \(members) members") == true)
    }
    #expect(try Model(card: Self.card(members: 1), seed: nil).network is PixelNetwork)
  }

  @Test(
    "encoders give their maps, the largest first",
    arguments: [
      ("unet", "resnet18", [64, 64, 128, 256, 512], [2, 4, 8, 16, 32]),
      ("unet", "convnext_tiny", [96, 192, 384, 768], [4, 8, 16, 32]),
      ("fpn", "mobilenet_v2", [16, 24, 32, 96, 1280], [2, 4, 8, 16, 32]),
      ("deeplabv3plus", "resnet18", [64, 64, 128, 256, 512], [2, 4, 8, 16, 16]),
      ("fcn", "resnet50", [64, 256, 512, 1024, 2048], [2, 4, 8, 8, 8]),
      ("deeplabv3", "resnet50", [64, 256, 512, 1024, 2048], [2, 4, 8, 8, 8]),
    ])
  func encoderFeatures(name: String, encoder: String, channels: [Int], strides: [Int]) throws {
    let architecture = try #require(Architecture.named(name, encoder: encoder))
    let network = architecture.network(bands: 3, classes: 4, seed: 1)
    let maps = network.encoderFeatures(
      of: Value(Self.images), in: Pass(.inference, kernels: KernelSet.standard))
    #expect(
      maps.map(\.tensor.shape) == zip(channels, strides).map { [2, $0, 64 / $1, 96 / $1] })
  }

  @Test("an ensemble gives the maps of its first member's encoder")
  func firstEncoder() throws {
    let models = try (0..<2).map { try Self.model($0) }
    func last(_ model: Model) -> [Float] {
      let maps = model.network.encoderFeatures(
        of: Value(Self.images), in: Pass(.inference, kernels: KernelSet.standard))
      return KernelSet.standard.plain(maps.last!.tensor).values
    }
    #expect(last(try Model(ensembleOf: models)) == last(models[0]))
  }
}
