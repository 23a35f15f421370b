import Checkpoints
import Classes
import Foundation
import Layers
import Models
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
    let weights = try PretrainedWeights(
      path: path, card: .published(card),
      for: try #require(Architecture.named("unet", encoder: "efficientnet-b4")))
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
    let weights = try PretrainedWeights(
      path: path, card: .published(card),
      for: try #require(Architecture.named("unet", encoder: "efficientnet-b4")))
    let error = #expect(throws: CheckpointError.self) {
      try weights.model(for: wanted(card.classes.map(\.landClass)), seed: 1)
    }
    #expect(error?.problem.contains("encoder._bn0.bias") == true, "\(String(describing: error))")
  }
}
