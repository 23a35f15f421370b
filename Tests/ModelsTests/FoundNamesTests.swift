import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing

/// Names in files of weights that are not their network's.
@Suite("What programs leave in a file of weights, or add to it", .serialized)
struct FoundNamesTests {
  private func file(_ tensors: [String: Tensor]) throws -> WeightsFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-names-\(UUID().uuidString).safetensors"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(contentsOf: path)
  }

  private func published(_ name: String) throws -> ParameterList {
    try #require(Architecture.all.first { $0.name == name && $0.schemes.contains(.torchvision) })
      .network(NetworkOptions(bands: 5, classes: 7, scheme: .torchvision), seed: 3).parameters
  }

  private func tensors(_ parameters: ParameterList) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: parameters.all.map { ($0.path, $0.tensor) })
  }

  private func wanted(_ encoder: String) throws -> Architecture {
    try #require(Architecture.named("unet", encoder: encoder))
  }

  @Test("The counters of thop, which it leaves in every module, are no part of a network")
  func counters() throws {
    let counter = Tensor(repeating: 0, shape: [1])
    var (encoder, whole) = (
      tensors(try published("resnet18")),
      tensors(try wanted("resnet18").network(bands: 5, classes: 7, seed: 3).parameters)
    )
    for name in ["total_ops", "total_params"] {
      for place in ["", "layer1.0.", "layer1.0.conv1."] { encoder[place + name] = counter }
      for place in ["", "encoder.conv1.", "decoder.blocks.0.", "segmentation_head.0."] {
        whole[place + name] = counter
      }
    }
    let backbone = try file(encoder)
    #expect(backbone.notes.contains("left out the counter 'total_ops'"))
    #expect(try !StartingWeights(backbone, for: wanted("resnet18")).isWhole)
    #expect(try StartingWeights(file(whole), for: wanted("resnet18")).isWhole)
  }

  @Test("A head called features_head lies beside the features of a whole network")
  func featuresHead() throws {
    var named = tensors(try published("mobilenet_v2"))
    named["features_head.weight"] = Tensor(repeating: 0, shape: [3, 3])
    let weights = try file(named)
    #expect(try !StartingWeights(weights, for: wanted("mobilenet_v2")).isWhole)
    #expect(weights["features_head.weight"] != nil)
  }

  @Test("A transformer's own file starts a network behind a neck, and TerraTorch's whole file is one")
  func transformer() throws {
    let encoder = "vit_small_patch16_224"
    let architecture = try #require(Architecture.named(encoder, scheme: .timm))
    let own = architecture.network(NetworkOptions(bands: 5, classes: 7, scheme: .timm), seed: 3)
    let start = try StartingWeights(file(tensors(own.parameters)), for: wanted(encoder))
    #expect(!start.isWhole)
    #expect(start.file["encoder.blocks.11.mlp.fc2.weight"]?.shape == [384, 1536])
    #expect(start.file["encoder.head.weight"] == nil)
    var whole = tensors(try wanted(encoder).network(bands: 5, classes: 7, seed: 3).parameters)
    // timm's encoders of features have no last normalisation, and no map depends on it.
    for name in ["weight", "bias"] { whole["encoder.norm.\(name)"] = nil }
    let saved = try file(
      Dictionary(uniqueKeysWithValues: whole.map { ("model.\($0.key)", $0.value) }))
    #expect(try StartingWeights(saved, for: wanted(encoder)).isWhole)
    let found = try #require(Recognition.candidates(for: saved).first)
    #expect(found.network.description == "unet with \(encoder)" && found.isExact)
  }

  @Test("What stands beside a decoder that is joined with its encoder is said to be left out")
  func joined() throws {
    var named = tensors(try wanted("resnet18").network(bands: 5, classes: 7, seed: 3).parameters)
    named = Dictionary(
      uniqueKeysWithValues: named.map { name, tensor in
        (name.hasPrefix("encoder.") ? "encoder.model." + name.dropFirst(8) : name, tensor)
      })
    let plain = try StartingWeights(file(named), for: wanted("resnet18"))
    #expect(plain.isWhole && plain.file.notes.last?.hasSuffix("with its decoder") == true)
    named["criterion.weight"] = Tensor(repeating: 1, shape: [7])
    named["decoder.blocks.0.conv1.1.num_batches_tracked"] = Tensor(repeating: 1, shape: [1])
    let start = try StartingWeights(file(named), for: wanted("resnet18"))
    #expect(start.isWhole)
    #expect(
      start.file.notes.last?.hasSuffix("with its decoder, leaving out criterion.weight") == true,
      "\(start.file.notes)")
  }

  @Test("A network is found behind hundreds of prefixes that stand before one name of it each")
  func prefixes() throws {
    let network = tensors(try published("resnet18"))
    var named = Dictionary(uniqueKeysWithValues: network.map { ("z.own." + $0.key, $0.value) })
    for number in 0..<200 {
      named["a\(number).layer2.0.bn2.running_mean"] = Tensor(repeating: 0, shape: [1])
      named["a\(number).conv1.weight"] = Tensor(repeating: 0, shape: [1])
    }
    let best = try #require(Recognition.candidates(for: file(named)).first)
    #expect(best.network.name == "resnet18" && best.prefix == "z.own." && best.isExact)
  }

  @Test("A table of positions holds but for rounding to 16 bits", arguments: [0, 2, -1])
  func positions(difference: Float) throws {
    let network = try published("swin_v2_t")
    let table = try #require(
      network.constants.first { $0.path.hasSuffix("relative_position_index") })
    var named = tensors(network)
    var values = table.values(table.shape)
    // bf16, as a network that was converted as a whole has it.
    for index in values.indices { values[index] = Float(bitPattern: values[index].bitPattern & 0xFFFF_0000) }
    values[7] += difference
    named[table.path] = Tensor(values, shape: table.shape)
    let weights = try file(named)
    if difference == 0 {
      _ = try StartingWeights(weights, for: wanted("swin_v2_t"))
    } else {
      #expect(throws: CheckpointError.self) { try StartingWeights(weights, for: wanted("swin_v2_t")) }
    }
  }
}
