import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing

/// Files of classifiers of a thousand classes as publishers have them, each tensor full of its own number.
@Suite("A file of weights starts a classifier of other classes")
struct StartingClassifierTests {
  /// A network in a publisher's names.
  private func published(_ name: String, _ scheme: NamingScheme, classes: Int? = 1000) throws
    -> ParameterList
  {
    let architecture = try #require(Architecture.named(name, scheme: scheme))
    return architecture.network(NetworkOptions(bands: 3, classes: classes, scheme: scheme)).parameters
  }

  /// A file of a network's tensors, as they are after `change`.
  private func file(_ parameters: ParameterList, change: (inout [String: Tensor]) -> Void = { _ in }) throws
    -> WeightsFile
  {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-classifier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var tensors = Dictionary(
      uniqueKeysWithValues: parameters.all.enumerated().map {
        ($1.path, Tensor(repeating: Float($0), shape: $1.tensor.shape))
      })
    change(&tensors)
    let path = folder.appendingPathComponent("weights.safetensors").path
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(contentsOf: path)
  }

  private static let linear: [(encoder: String, head: [String])] = [
    ("resnet18", ["fc.weight", "fc.bias"]), ("densenet121", ["classifier.weight", "classifier.bias"]),
    ("mobilenet_v2", ["classifier.1.weight", "classifier.1.bias"]),
    ("mobilenet_v3_small", ["classifier.3.weight", "classifier.3.bias"]),
    ("efficientnet_b0", ["classifier.1.weight", "classifier.1.bias"]),
    ("efficientnet-lite0", ["_fc.weight", "_fc.bias"]),
    ("vgg16", ["classifier.6.weight", "classifier.6.bias"]),
    ("convnext_tiny", ["classifier.2.weight", "classifier.2.bias"]),
    ("vit_b_16", ["heads.head.weight", "heads.head.bias"]),
    ("vit_small_patch16_224", ["head.weight", "head.bias"]), ("swin_v2_t", ["head.weight", "head.bias"]),
  ]

  @Test("The last linear map alone has an entry for each class", arguments: linear)
  func classTensors(encoder: String, head: [String]) throws {
    let architecture = try #require(Architecture.named("classifier", encoder: encoder))
    #expect(architecture.classTensors == Set(head))
    #expect(architecture.cardNames == ("classifier", encoder))
    #expect(Architecture.encoders(of: "classifier").contains(encoder))
  }

  @Test(
    "Under its publisher's names it is whole, counters and wrappers left out",
    arguments: ["resnet18", "convnext_tiny", "vit_small_patch16_224", "swin_v2_t", "efficientnet-lite0"])
  func whole(encoder: String) throws {
    let wanted = try #require(Architecture.named("classifier", encoder: encoder))
    let parameters = try published(encoder, wanted.schemes[0])
    let weights = try file(parameters) { tensors in
      tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("module." + $0.key, $0.value) })
      tensors["module.n_averaged"] = Tensor(repeating: 1, shape: [1])
    }
    let start = try StartingWeights(weights, for: wanted)
    #expect(start.isWhole && Set(start.file.entries.map(\.name)) == Set(parameters.all.map(\.path)))
  }

  @Test("A head of another form keeps nothing before it from being read")
  func otherHead() throws {
    let wanted = try #require(Architecture.named("classifier", encoder: "resnet18"))
    let weights = try file(published("resnet18", .torchvision)) {
      $0["fc.weight"] = Tensor(repeating: 1, shape: [10, 512, 1, 1])
      $0["fc.bias"] = nil
    }
    let start = try StartingWeights(weights, for: wanted)
    #expect(start.file["conv1.weight"]?.shape == [64, 3, 7, 7])
    #expect(start.file["layer4.1.bn2.running_var"]?.shape == [512])
  }

  private static let others: [(file: String, NamingScheme, wanted: String, last: String)] = [
    ("vit_base_patch16_224", .timm, "vit_b_16", "encoder.ln.weight"),
    ("efficientnet_b0", .timm, "efficientnet_b0", "features.8.1.weight"),
    ("efficientnet_lite0", .timm, "efficientnet-lite0", "_bn1.weight"),
    ("mobilenetv2_100", .timm, "mobilenet_v2", "features.18.1.weight"),
  ]

  @Test("Under another publisher's names all but the last linear map is taken", arguments: others)
  func otherNames(name: String, scheme: NamingScheme, encoder: String, last: String) throws {
    let wanted = try #require(Architecture.named("classifier", encoder: encoder))
    for classes in [1000, nil] {
      let start = try StartingWeights(file(published(name, scheme, classes: classes)), for: wanted)
      let options = NetworkOptions(bands: 3, classes: 7, scheme: wanted.schemes[0])
      let paths = wanted.network(options).parameters.all.map(\.path)
      #expect(!start.isWhole)
      #expect(Set(start.file.entries.map(\.name)) == Set(paths).subtracting(wanted.classTensors))
      #expect(start.file[last] != nil)
      #expect(start.file.notes.contains { $0.hasPrefix("read as \(name) in timm's names") })
    }
  }

  @Test("An encoder that ends before the normalisation of the head is taken without it")
  func endsBefore() throws {
    let wanted = try #require(Architecture.named("classifier", encoder: "convnext_tiny"))
    let weights = try file(published("convnext_tiny", .torchvision, classes: nil))
    let start = try StartingWeights(weights, for: wanted)
    #expect(!start.isWhole && start.file["features.7.2.layer_scale"] != nil)
    #expect(start.file["classifier.0.weight"] == nil)
  }

  @Test("A classifier of another network, and one with something added, are refused with their names")
  func refused() throws {
    let wanted = try #require(Architecture.named("classifier", encoder: "resnet50"))
    let other = try file(published("resnet18", .torchvision))
    let error = #expect(throws: CheckpointError.self) { try StartingWeights(other, for: wanted) }
    #expect(error?.problem.hasPrefix("these are not weights of resnet50: resnet18 explains") == true)
    let card = ModelCard(
      architecture: "classifier", encoder: "resnet18", sensor: "aerial-rgb", bands: [], classes: [],
      comparison: .difference)
    let comparing = #expect(throws: CheckpointError.self) { try Model.architecture(of: card) }
    #expect(comparing?.problem == "a classifier of whole images compares no two dates")
  }
}
