import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing
import Transfer

/// Files of weights made by the test, whole or as torchvision has encoders, with one thing wrong at a time.
private final class WeightsFile {
  let directory: URL
  let model: Model
  var tensors: [String: Tensor]
  var metadata: [String: String]

  static let bands = [("B02", 490.0), ("B03", 560), ("B04", 665)].map {
    ModelCard.Band(name: $0.0, wavelength: $0.1, mean: $0.1 / 5000, deviation: 0.02)
  }

  /// A U-Net over three bands and two classes whose head was trained.
  init(
    architecture: String = "unet", encoder: String = "resnet18", isBareEncoder: Bool = false,
    seed: UInt64 = 77
  )
    throws
  {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let card = ModelCard(
      architecture: architecture, encoder: encoder, sensor: "sentinel-2-l2a", bands: Self.bands,
      classes: [.init(value: 1, name: "water"), .init(value: 2, name: "land")], hasTrainedHead: true,
      history: [LineageStep("elsewhere")])
    model = try Model(card: card, seed: seed)
    tensors = Dictionary(uniqueKeysWithValues: model.network.parameters.all.map { ($0.path, $0.tensor) })
    metadata = [ModelCard.metadataKey: card.json]
    guard isBareEncoder else { return }
    tensors = Dictionary(
      uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix("encoder.") }.map {
        (String($0.key.dropFirst("encoder.".count)), $0.value)
      })
    tensors["fc.weight"] = Tensor(repeating: 0, shape: [1000, 512])
    tensors["fc.bias"] = Tensor(repeating: 0, shape: [1000])
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var path: String { directory.appendingPathComponent("weights.safetensors").path }

  func read(card: ModelCard? = nil) throws -> PretrainedWeights {
    try Safetensors(tensors: tensors, metadata: metadata).write(to: path)
    let cardPath = card.map { _ in directory.appendingPathComponent("card.json").path }
    if let card, let cardPath { try Data(card.json.utf8).write(to: URL(fileURLWithPath: cardPath)) }
    let unet = try Model.architecture(of: model.card)
    return try PretrainedWeights(path: path, card: cardPath.map { .file($0) } ?? .metadata, for: unet)
  }

  /// The problem that reading or fitting ends in.
  func problem(card: ModelCard? = nil, wanted: ModelCard? = nil) -> CheckpointError? {
    do {
      _ = try read(card: card).model(for: wanted ?? model.card, seed: 1)
      return nil
    } catch { return error as? CheckpointError }
  }
}

@Suite("Pretrained weights", .serialized)
struct PretrainedWeightsTests {
  @Test("Weights for the same bands and classes are taken as they are, head and statistics too")
  func same() throws {
    let file = try WeightsFile()
    let weights = try file.read()
    var wanted = file.model.card
    for band in wanted.bands.indices { wanted.bands[band].mean = 9 }
    wanted.hasTrainedHead = false
    let (model, notes) = try weights.model(for: wanted, seed: 1)
    #expect(model.bits == file.model.bits && notes.isEmpty)
    #expect(model.card == file.model.card)
    #expect(!weights.needsFitting(to: wanted))
    wanted.sensor = "landsat-7-etm"
    #expect(weights.needsFitting(to: wanted))
    wanted.sensor = file.model.card.sensor
    wanted.bands.swapAt(0, 1)
    #expect(weights.needsFitting(to: wanted))
  }

  @Test("Weights that know none of the bands are refused, unless their filters are to be spread over them")
  func strangers() throws {
    let file = try WeightsFile(isBareEncoder: true)
    var wanted = file.model.card
    wanted.sensor = "sentinel-1-grd"
    wanted.bands = ["VV", "VH"].map { ModelCard.Band(name: $0, wavelength: nil, mean: -12, deviation: 4) }
    let error = try #require(file.problem(card: file.model.card, wanted: wanted))
    #expect(error.code == .card)
    #expect(error.problem.hasPrefix("the weights know none of the bands VV, VH, only B02, B03, B04: "))
    let (model, _) = try file.read(card: file.model.card).model(for: wanted, unmatched: .tiled, seed: 1)
    #expect(
      model.network.parameters[model.network.description.firstConvolution]?.tensor.shape == [64, 2, 7, 7])
  }

  @Test("Other classes get a fresh head; the rest is kept")
  func otherClasses() throws {
    let file = try WeightsFile()
    var wanted = file.model.card
    wanted.classes.append(.init(value: 3, name: "ice"))
    let (model, notes) = try file.read().model(for: wanted, seed: 1)
    #expect(notes == ["the weights know other classes (water, land): the head starts fresh"])
    #expect(!model.card.hasTrainedHead && model.card.classes.count == 3)
    let fresh = try Model(card: wanted, seed: 1)
    for (path, bits) in model.bits {
      let expected = path.hasPrefix("segmentation_head.") ? fresh.bits[path] : file.model.bits[path]
      #expect(bits == expected, "\(path)")
    }
  }

  @Test("Other bands of the same sensor are fitted by name, then wavelength, else start at zero")
  func otherBands() throws {
    let file = try WeightsFile()
    var wanted = file.model.card
    wanted.bands = [
      .init(name: "B04", wavelength: 665, mean: 7, deviation: 8),
      .init(name: "B01", wavelength: 470, mean: 5, deviation: 6),
      .init(name: "B11", wavelength: 1610, mean: 3, deviation: 4),
    ]
    let (model, notes) = try file.read().model(for: wanted, seed: 1)
    #expect(
      notes == [
        "band B01 takes the filters of B02, 20 nm away",
        "band B11 is unknown to the weights: its filters start at zero",
      ])
    #expect(model.card.bands == [WeightsFile.bands[2], wanted.bands[1], wanted.bands[2]])
    #expect(model.card.hasTrainedHead && model.card.history == [LineageStep("elsewhere")])
    let (old, new) = (
      file.tensors["encoder.conv1.weight"]!.values,
      model.network.parameters["encoder.conv1.weight"]!.tensor.values
    )
    for filter in 0..<64 {
      for tap in 0..<49 {
        let place = filter * 147 + tap
        #expect([new[place], new[place + 49], new[place + 98]] == [old[place + 98], old[place], 0])
      }
    }
  }

  @Test("A decoder that reads the bands keeps all but its filters of them")
  func otherBandsInTheDecoder() throws {
    let file = try WeightsFile(architecture: "unet-image-skip")
    #expect(try file.read().model(for: file.model.card, seed: 1).0.bits == file.model.bits)
    var wanted = file.model.card
    wanted.bands = [WeightsFile.bands[1], WeightsFile.bands[0]]
    let (model, notes) = try file.read().model(for: wanted, seed: 1)
    #expect(notes == ["the decoder's own filters of the bands start fresh"])
    let fresh = try Model(card: wanted, seed: 1)
    let filters = try #require(model.network.description.imageConvolution)
    #expect(model.network.parameters[filters]?.tensor.shape == [16, 32 + 2, 3, 3])
    for (path, bits) in model.bits where path != model.network.description.firstConvolution {
      #expect(bits == (path == filters ? fresh : file.model).bits[path], "\(path)")
    }
  }

  @Test("An ensemble is read as one, each member fitted as it would be alone")
  func ensemble() throws {
    let (file, other) = (try WeightsFile(), try WeightsFile(seed: 78))
    var wanted = file.model.card
    wanted.bands = [WeightsFile.bands[2], WeightsFile.bands[0]]
    let alone = try [file, other].enumerated().map { index, file in
      try file.read().model(for: wanted, seed: 1 + UInt64(index)).0
    }
    let together = try Model(ensembleOf: [file.model, other.model])
    file.tensors = Dictionary(
      uniqueKeysWithValues: together.network.parameters.all.map { ($0.path, $0.tensor) })
    file.metadata = [ModelCard.metadataKey: together.card.json]
    let (model, notes) = try file.read().model(for: wanted, seed: 1)
    #expect(notes == ["the weights are an ensemble of 2 networks"] && model.card.members == 2)
    #expect(model.bits == (try Model(ensembleOf: alone)).bits)
    #expect(model.card.bands.map(\.name) == ["B04", "B02"])

    file.tensors["members.2.conv.weight"] = Tensor(repeating: 0, shape: [1])
    #expect(
      file.problem()?.description.contains("tensor 'members.2.conv.weight' is of none of the 2 members")
        == true)
    for count in [-1, 1000] {
      var card = together.card
      card.members = count
      file.metadata = [ModelCard.metadataKey: card.json]
      #expect(file.problem()?.code == .card && file.problem()?.path == file.path)
    }
  }

  @Test("A classifier of single pixels, which has no decoder, is read whole and for other classes")
  func pixelwise() throws {
    let file = try WeightsFile(architecture: "pixelwise", encoder: "mlp")
    #expect(try file.read().model(for: file.model.card, seed: 1).0.bits == file.model.bits)
    var wanted = file.model.card
    wanted.classes.append(.init(value: 3, name: "snow"))
    let (model, notes) = try file.read().model(for: wanted, seed: 1)
    #expect(notes == ["the weights know other classes (water, land): the head starts fresh"])
    for (path, bits) in model.bits where !path.hasPrefix("head.") {
      #expect(bits == file.model.bits[path], "\(path)")
    }
  }

  @Test("Weights of another sensor keep their filters; the normalisation is that of the scenes at hand")
  func otherSensor() throws {
    let file = try WeightsFile()
    var wanted = file.model.card
    wanted.sensor = "landsat-7-etm"
    for band in wanted.bands.indices { wanted.bands[band].mean = 9 }
    let (model, notes) = try file.read().model(for: wanted, seed: 1)
    #expect(
      notes == [
        "trained on sentinel-2-l2a, used on landsat-7-etm: bands are normalised by the scenes at hand"
      ])
    #expect(model.card.bands.map(\.mean) == [9, 9, 9] && model.bits == file.model.bits)
  }

  @Test("A bare encoder goes under a fresh decoder; its classifier is left out")
  func bareEncoder() throws {
    let file = try WeightsFile(isBareEncoder: true)
    file.metadata = [:]
    var wanted = file.model.card
    wanted.hasTrainedHead = false
    let (model, notes) = try file.read(card: file.model.card).model(for: wanted, seed: 4)
    #expect(
      notes == [
        "read as resnet18 in torchvision's names, without its head and counters (2 tensors)",
        "the weights are a bare encoder: the decoder starts fresh",
      ])
    #expect(!model.card.hasTrainedHead)
    let fresh = try Model(card: wanted, seed: 4)
    for (path, bits) in model.bits {
      #expect(bits == (path.hasPrefix("encoder.") ? file.model.bits[path] : fresh.bits[path]), "\(path)")
    }
  }

  @Test("Without a card nothing is guessed")
  func noCard() throws {
    let file = try WeightsFile()
    file.metadata = [:]
    let error = file.problem()
    #expect(error?.code == .card && error?.path == file.path)
    #expect(
      error?.problem
        == "there is no model card in its metadata: give 'card', a JSON file with architecture, encoder, sensor, "
        + "bands (name, mean, deviation) and classes, or 'published-card'")
  }

  @Test("A card that contradicts the tensors, or cannot normalise, is refused", arguments: [false, true])
  func wrongCard(isBareEncoder: Bool) throws {
    let file = try WeightsFile(isBareEncoder: isBareEncoder)
    var card = file.model.card
    card.bands.append(.init(name: "B08", wavelength: 842, mean: 0, deviation: 1))
    #expect(
      file.problem(card: card, wanted: file.model.card)?.problem
        == "the card names 4 bands, tensor 'encoder.conv1.weight' is [64, 3, 7, 7]")
    card = file.model.card
    card.bands[1].deviation = 0
    #expect(
      file.problem(card: card)?.description
        == file.directory.path + "/card.json: band 'B03' has deviation 0.0; it must be above 0")
  }

  @Test("Tensors that are missing, left over, of another shape or not finite are named with the file")
  func wrongTensors() throws {
    let file = try WeightsFile()
    let sound = file.tensors
    func problem(_ change: (inout [String: Tensor]) -> Void) -> CheckpointError? {
      file.tensors = sound
      change(&file.tensors)
      return file.problem()
    }
    let missing = problem { $0["decoder.blocks.0.conv1.0.weight"] = nil }
    #expect(missing?.code == .mismatch && missing?.path == file.path)
    #expect(missing?.problem == "tensor 'decoder.blocks.0.conv1.0.weight' [256, 768, 3, 3] is missing")
    #expect(
      problem { $0["encoder.bn1.bias"] = Tensor(repeating: 0, shape: [32]) }?.problem
        == "tensor 'encoder.bn1.bias' is [32], the network wants [64]")
    #expect(
      problem { $0["encoder.layer1.0.extra.weight"] = Tensor(repeating: 0, shape: [1]) }?.problem
        == "tensor 'encoder.layer1.0.extra.weight' has no place in the network")
    #expect(
      problem { $0["encoder.conv1.weight"] = nil }?.problem
        == "the card names 3 bands, tensor 'encoder.conv1.weight' is missing")
    #expect(
      problem { $0["encoder.conv1.weight"] = Tensor(repeating: 0, shape: [64, 3]) }?.problem
        == "the card names 3 bands, tensor 'encoder.conv1.weight' is [64, 3]")
    let broken = problem {
      $0["encoder.bn1.bias"] = Tensor((0..<64).map { $0 == 9 ? .nan : 0 }, shape: [64])
    }
    #expect(broken?.code == .malformed)
    #expect(broken?.problem == "tensor 'encoder.bn1.bias' holds NaN or infinite values")
  }

  @Test("A head beside the network is left out with a note, by a card in the metadata too")
  func headBeside() throws {
    let file = try WeightsFile()
    file.tensors["head.weight"] = Tensor(repeating: 0, shape: [1])
    let (model, notes) = try file.read().model(for: file.model.card, seed: 1)
    #expect(model.bits == file.model.bits && notes == ["left out head.weight, no part of the network"])
  }

  @Test("Weights of another network are refused by both names")
  func otherNetwork() throws {
    let file = try WeightsFile()
    var wanted = file.model.card
    wanted.encoder = "resnet34"
    #expect(
      file.problem(wanted: wanted)?.problem
        == "these are weights of unet with resnet18, the pipeline wants unet with resnet34")
  }
}
