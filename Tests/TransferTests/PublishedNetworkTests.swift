import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing
import Transfer

/// A published network with decoder, head and classes of its own, whose card terrane has.
@Suite("A published network is used as it is", .serialized)
struct PublishedNetworkTests {
  private let card = PublishedCard.named("ukis-csmask-4b-l2a")!
  private let unused = ["encoder._conv_head.", "encoder._bn1."]

  /// Random weights of the network under the publisher's names, without what the publisher's file lacks.
  private func path() throws -> String {
    let network = try #require(Architecture.named("unet", encoder: "efficientnet-b4"))
      .network(NetworkOptions(bands: 4, classes: 3, scheme: .smp), seed: 5)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-published-\(UUID().uuidString).safetensors").path
    let kept = network.parameters.all.filter { parameter in
      !unused.contains { parameter.path.hasPrefix($0) }
    }
    try Safetensors(
      tensors: Dictionary(uniqueKeysWithValues: kept.map { ("model." + $0.path, $0.tensor) })
    ).write(to: path)
    return path
  }

  private func wanted(_ classes: [LandClass], bands: [String] = ["B02", "B03", "B04", "B08"]) -> ModelCard {
    ModelCard(
      architecture: "unet", encoder: "efficientnet-b4", sensor: "sentinel-2-l2a",
      bands: bands.map { ModelCard.Band(name: $0, wavelength: nil, mean: 9, deviation: 9) }, classes: classes)
  }

  @Test("its head stays where the classes are its own, and what the file lacks is said")
  func ownClasses() throws {
    let path = try path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let weights = try self.weights(path)
    let classes = card.classes.map(\.landClass)
    let (model, notes) = try weights.model(for: wanted(classes), seed: 1)
    #expect(model.card.hasTrainedHead && model.card.classes == classes)
    #expect(model.card.bands.map(\.mean) == card.normalization?.map(\.mean))
    #expect(model.card.licence == "Apache-2.0" && model.card.origin == "ukis-csmask-4b-l2a")
    #expect(
      notes == [
        "took 'model.' off 655 tensors",
        "the file lacks encoder._conv_head.weight, encoder._bn1.weight, encoder._bn1.bias, "
          + "encoder._bn1.running_mean, encoder._bn1.running_var, which no result depends on: they become 0",
      ])
    let other = [LandClass(value: 1, name: "water"), LandClass(value: 2, name: "land")]
    let (fresh, said) = try weights.model(for: wanted(other), seed: 1)
    #expect(!fresh.card.hasTrainedHead)
    #expect(said.last == "the weights know other classes (clear, cloud, shadow): the head starts fresh")
  }

  @Test("a tensor on which results depend may not be missing")
  func missing() throws {
    let path = try path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var file = try Safetensors(contentsOf: path)
    file.tensors["encoder._bn0.bias"] = nil
    try file.write(to: path)
    let weights = try self.weights(path)
    let error = #expect(throws: CheckpointError.self) {
      try weights.model(for: wanted(card.classes.map(\.landClass)), seed: 1)
    }
    #expect(error?.problem.contains("encoder._bn0.bias") == true, "\(String(describing: error))")
  }

  private func weights(_ path: String) throws -> PretrainedWeights {
    try PretrainedWeights(
      path: path, card: .published(card),
      for: try #require(Architecture.named("unet", encoder: "efficientnet-b4")))
  }

  @Test("classes of the same names in another order, with other values, take their own rows of the head")
  func namedClasses() throws {
    let path = try path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let own = try weights(path).model(for: wanted(card.classes.map(\.landClass)), seed: 1).0
    let turned = [
      LandClass(value: 7, name: "shadow"), LandClass(value: 1, name: "clear"),
      LandClass(value: 2, name: "cloud"),
    ]
    let (model, notes) = try weights(path).model(for: wanted(turned), seed: 1)
    #expect(model.card.hasTrainedHead && model.card.classes == turned)
    #expect(!notes.contains { $0.contains("head starts") })
    for (parameter, original) in zip(model.network.parameters.all, own.network.parameters.all) {
      let (values, given) = (parameter.tensor.values, original.tensor.values)
      guard parameter.path.hasPrefix("segmentation_head.") else {
        #expect(values == given, "\(parameter.path)")
        continue
      }
      let length = given.count / 3
      let rows = (0..<3).map { Array(given[$0 * length..<($0 + 1) * length]) }
      #expect(values == rows[2] + rows[0] + rows[1], "\(parameter.path)")
    }
  }

  @Test("bands of another sensor in the same unit keep the card's numbers while the classes are kept")
  func anotherSensor() throws {
    let path = try path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let weights = try self.weights(path)
    var landsat = wanted(card.classes.map(\.landClass))
    landsat.sensor = "landsat-7-etm-c2-l2"
    landsat.bands = [("B1", 478.0), ("B2", 561), ("B3", 661), ("B4", 835)].map {
      ModelCard.Band(name: $0.0, wavelength: $0.1, mean: 9, deviation: 9, unit: "reflectance")
    }
    #expect(!weights.needsFitting(to: landsat))
    let (model, notes) = try weights.model(for: landsat, seed: 1)
    #expect(model.card.bands.map(\.name) == ["B1", "B2", "B3", "B4"])
    #expect(model.card.bands.map(\.mean) == card.normalization?.map(\.mean))
    #expect(
      notes.contains(
        "trained on sentinel-2-l2a, used on landsat-7-etm-c2-l2: bands keep the numbers of the weights"))
    var own = wanted(card.classes.map(\.landClass))
    own.sensor = "custom"
    #expect(weights.needsFitting(to: own), "nobody knows the unit of bands of one's own")
    var measured = landsat
    measured.classes = [LandClass(value: 1, name: "water"), LandClass(value: 2, name: "land")]
    #expect(weights.needsFitting(to: measured))
    #expect(try weights.model(for: measured, seed: 1).0.card.bands.map(\.mean) == [9, 9, 9, 9])
    var decibels = landsat
    decibels.bands[2].unit = "dB"
    #expect(weights.needsFitting(to: decibels))
    var short = landsat
    short.bands.removeLast()
    #expect(weights.needsFitting(to: short))
  }
}
