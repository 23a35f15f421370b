import CPUKernels
import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing
import Transfer

/// Publishers' classifiers of ImageNet's classes, made with fresh weights, and one that is published.
@Suite("A classifier of ImageNet's classes starts one of a pipeline's", .serialized)
struct PretrainedClassifierTests {
  private static let classes = (0..<7).map { LandClass(value: UInt8($0), name: "class \($0)") }

  private static let aerial = [("red", 660.0), ("green", 550), ("blue", 470)].map {
    ModelCard.Band(name: $0, wavelength: $1, mean: 0, deviation: 1)
  }

  private func wanted(_ encoder: String, bands: [ModelCard.Band] = aerial) -> ModelCard {
    ModelCard(
      architecture: "classifier", encoder: encoder, sensor: "aerial-rgb", bands: bands, classes: Self.classes)
  }

  /// Writes a file of weights, and what it gives a pipeline of the wanted kind by a published card.
  private func start(_ tensors: [String: Tensor], card name: String, _ wanted: ModelCard) throws -> (
    model: Model, notes: [String]
  ) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("weights.safetensors").path
    try Safetensors(tensors: tensors).write(to: path)
    return try start(path, .published(#require(PublishedCard.named(name))), wanted)
  }

  private func start(_ path: String, _ card: PretrainedWeights.CardSource, _ wanted: ModelCard) throws -> (
    model: Model, notes: [String]
  ) {
    let weights = try PretrainedWeights(
      path: path, card: card, for: try Model.architecture(of: wanted))
    let scenes = CardCheck.Scenes(
      sensor: "aerial-rgb", unit: "share of full brightness", bands: ["red", "green", "blue"])
    #expect(weights.check(scenes).problems.isEmpty)
    return try weights.model(for: wanted, seed: 5)
  }

  /// A publisher's network of 1000 classes, each tensor full of its own number.
  private func published(_ encoder: String) throws -> [String: Tensor] {
    let architecture = try #require(Architecture.named("classifier", encoder: encoder))
    let options = NetworkOptions(bands: 3, classes: 1000, scheme: architecture.schemes[0])
    return Dictionary(
      uniqueKeysWithValues: architecture.network(options).parameters.all.enumerated().map {
        ($1.path, Tensor(repeating: Float($0 + 2), shape: $1.tensor.shape))
      })
  }

  private static let publishers: [(encoder: String, card: String)] = [
    ("resnet18", "imagenet-resnet18"), ("convnext_tiny", "imagenet-convnext-tiny"),
    ("swin_v2_t", "imagenet-swin-v2-t"), ("vit_b_16", "imagenet-vit-b-16"),
    ("efficientnet-lite0", "imagenet-efficientnet-lite0"),
  ]

  @Test("All but the last linear map is loaded, which starts fresh", arguments: publishers)
  func otherClasses(encoder: String, card: String) throws {
    let theirs = try published(encoder)
    let (model, notes) = try start(theirs, card: card, wanted(encoder))
    #expect(notes == ["the weights know other classes (1000 without names): the head starts fresh"])
    #expect(!model.card.hasTrainedHead && model.card.origin == card && model.card.classes == Self.classes)
    let fresh = try Model.architecture(of: model.card).classTensors
    #expect(fresh.count == 2)
    for parameter in model.network.parameters.all {
      let path = parameter.path
      let number = try #require(theirs[path]).withValues { $0[0] }
      let isTheirs = parameter.tensor.withValues { $0.allSatisfy { $0 == number } }
      #expect(isTheirs != fresh.contains(path), "\(path)")
      if fresh.contains(path) { #expect(parameter.tensor.shape[0] == 7, "\(path)") }
    }
  }

  @Test("The classes of its own card keep the head, and other bands are fitted", arguments: [1, 3, 5])
  func ownClasses(bands: Int) throws {
    let names = ["green", "red", "nir", "blue", "swir"].prefix(bands)
    var wanted = wanted("resnet18")
    wanted.bands = names.map { name in
      Self.aerial.first { $0.name == name } ?? .init(name: name, wavelength: nil, mean: 0.3, deviation: 0.1)
    }
    var own = self.wanted("resnet18")
    own.hasTrainedHead = true
    let theirs = try Model(card: own, seed: 8)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("weights.safetensors").path
    try theirs.write(to: path)
    let (model, notes) = try start(path, .metadata, wanted)
    #expect(model.card.hasTrainedHead && !notes.contains { $0.contains("head") })
    #expect(model.bits["fc.weight"] == theirs.bits["fc.weight"])
    let filters = try #require(model.network.parameters["conv1.weight"]?.tensor)
    #expect(filters.shape == [64, bands, 7, 7])
    let green = try #require(theirs.network.parameters["conv1.weight"]?.tensor.values[49..<98])
    #expect(filters.values.prefix(49).elementsEqual(green))
  }

  @Test("A file that ends before the head's normalisation gets that fresh, too")
  func encoderAlone() throws {
    let tensors = try published("convnext_tiny").filter { !$0.key.hasPrefix("classifier.") }
    let (model, notes) = try start(tensors, card: "imagenet-convnext-tiny", wanted("convnext_tiny"))
    #expect(notes.last == "the weights are a bare encoder: the head starts fresh")
    #expect(model.network.parameters["classifier.0.weight"]?.tensor.values == Array(repeating: 1, count: 768))
    #expect(
      model.network.parameters["features.0.0.weight"]?.tensor.values == tensors["features.0.0.weight"]?.values
    )
  }

  @Test(
    "EfficientNet-Lite0 as it is published serves bytes of pictures",
    .enabled(if: PublishedFiles.efficientNetLite0 != nil, "\(PublishedFiles.absence)"))
  func efficientNetLite0() throws {
    let path = try #require(PublishedFiles.efficientNetLite0)
    let card = try #require(PublishedCard.named("imagenet-efficientnet-lite0"))
    let (model, notes) = try start(path, .published(card), wanted("efficientnet-lite0"))
    #expect(notes == ["the weights know other classes (1000 without names): the head starts fresh"])
    #expect(model.card.licence == "Apache-2.0")
    for band in model.card.bands {
      #expect(abs(band.mean - 127.0 / 255) < 1e-15 && abs(band.deviation - 128.0 / 255) < 1e-15)
    }
    let file = try WeightsFile(contentsOf: path)
    for parameter in model.network.parameters.all where !parameter.path.hasPrefix("_fc.") {
      #expect(try parameter.tensor.values == file.tensor(parameter.path).values, "\(parameter.path)")
    }
    let image = HashedValues("image").tensor([1, 3, 200, 200])
    let pass = Pass(.inference, kernels: KernelSet.standard)
    #expect(model.network(Value(image), in: pass).scores.tensor.shape == [1, 7, 1, 1])
  }

  @Test("An ensemble starts no model of several classes a chip: it averages the probabilities of one")
  func ensemble() throws {
    var card = ModelCard(
      architecture: "classifier", encoder: "resnet18", sensor: "custom",
      bands: [.init(name: "a", wavelength: nil, mean: 0, deviation: 1)],
      classes: [.init(value: 1, name: "low"), .init(value: 2, name: "high")], hasTrainedHead: true)
    let models = try (0..<2).map { try Model(card: card, seed: $0) }
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("ensemble-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Model(ensembleOf: models).write(to: path)
    let weights = try PretrainedWeights(
      path: path, card: .metadata, for: try #require(Architecture.named("classifier", encoder: "resnet18")))
    #expect(try weights.model(for: card, seed: 1).0.card.members == 2)
    card.task = "multi-label-classification"
    let error = #expect(throws: CheckpointError.self) { try weights.model(for: card, seed: 1) }
    #expect(error?.description.contains("ensemble averages") == true, "\(String(describing: error))")
  }
}
