import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing
import Transfer

@Suite("Published encoders for any bands are fitted by wavelengths, not by their bands", .serialized)
struct GeneratedFiltersTests {
  private let architecture = Architecture.named("unet", encoder: "dofa_small_patch16_224")!
  private static let generator = KernelGenerator(
    .dofa, place: "patch_embed.", path: "patch_embed.filters", channels: 384, side: 16)
  /// The publisher's tensors: the generator by a rule, blocks of zeros.
  private static let tensors: [String: Tensor] = {
    let encoder = Architecture.named("dofa_small_patch16_224")!
    let parameters = encoder.network(NetworkOptions(bands: 1, scheme: .timm)).parameters.all
    var tensors = Dictionary(
      uniqueKeysWithValues: parameters.filter { !$0.path.hasPrefix(generator.path) }.map {
        ($0.path, Tensor(repeating: 0, shape: $0.tensor.shape))
      })
    for (path, shape) in generator.tensors { tensors[path] = HashedValues(path).tensor(shape, scale: 0.1) }
    return tensors
  }()

  private func band(_ name: String, _ wavelength: Double?, mean: Double) -> ModelCard.Band {
    ModelCard.Band(name: name, wavelength: wavelength, mean: mean, deviation: 0.1)
  }

  private func card(_ sensor: String, _ bands: [ModelCard.Band]) -> ModelCard {
    ModelCard(
      architecture: "unet", encoder: "dofa_small_patch16_224", sensor: sensor, bands: bands,
      classes: [.init(value: 1, name: "water"), .init(value: 2, name: "land")])
  }

  /// Fits the published file with a card to a wanted one.
  private func fitted(_ known: ModelCard, to wanted: ModelCard) throws -> (Model, notes: [String]) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("waves-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (path, cardPath) = ("weights.safetensors", "card.json")
    try Safetensors(tensors: Self.tensors).write(to: folder.appendingPathComponent(path).path)
    try Data(known.json.utf8).write(to: folder.appendingPathComponent(cardPath))
    return try PretrainedWeights(
      path: folder.appendingPathComponent(path).path,
      card: .file(folder.appendingPathComponent(cardPath).path), for: architecture
    ).model(for: wanted, seed: 3)
  }

  private func filters(_ model: Model) -> [Float]? {
    model.network.parameters["encoder.patch_embed.filters.weight"]?.tensor.values
  }

  private func made(for wavelengths: [Double]) -> [Float] {
    Self.generator.filters(for: wavelengths, from: Self.tensors).weight.values
  }

  @Test("bands that the card does not know have filters, and the card's own their statistics")
  func otherBands() throws {
    let known = card("sentinel-2-l1c", [band("B04", 665, mean: 0.2), band("B03", 561, mean: 0.3)])
    let wanted = card("sentinel-2-l1c", [band("B03", 560, mean: 0.7), band("B8A", 865, mean: 0.8)])
    let (model, notes) = try fitted(known, to: wanted)
    // The card's wavelength is what the network was trained with.
    #expect(filters(model) == made(for: [561, 865]))
    #expect(model.card.bands == [known.bands[1], wanted.bands[1]])
    #expect(
      notes.contains { $0.hasPrefix("made 'patch_embed.filters.weight' [384, 2, 16, 16] for wavelengths of") }
        && !notes.contains { $0.contains("filters of") }, "\(notes)")
  }

  @Test("bands of another sensor keep their wavelengths, whatever their names")
  func otherSensor() throws {
    let known = card("sentinel-2-l1c", [band("B05", 705, mean: 0.2)])
    let (model, _) = try fitted(known, to: card("hls-l30", [band("B05", 865, mean: 0.5)]))
    #expect(filters(model) == made(for: [865]))
  }

  @Test("bands without a wavelength take the card's; those without any are refused by name")
  func radar() throws {
    let known = card("custom", [band("VV", 3750, mean: -10), band("VH", 3750, mean: -17)])
    let wanted = card("sentinel-1-grd", [band("VV", nil, mean: -11), band("VH", nil, mean: -18)])
    let (model, _) = try fitted(known, to: wanted)
    #expect(filters(model) == made(for: [3750, 3750]))
    let error = #expect(throws: CheckpointError.self) {
      try fitted(known, to: card("sentinel-1-grd", [wanted.bands[0], band("HH", nil, mean: -11)]))
    }
    #expect(error?.code == .card && error?.problem.hasSuffix("none is known of HH") == true)
  }

  @Test("the model is written and read as an ordinary one")
  func written() throws {
    let bands = [band("B04", 665, mean: 0.2), band("B03", 560, mean: 0.3)]
    let (model, _) = try fitted(card("sentinel-2-l1c", bands), to: card("sentinel-2-l1c", bands))
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("waves-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try Model(contentsOf: path)
    #expect(filters(read) == filters(model))
    #expect(!read.network.parameters.all.contains { $0.path.contains("weight_generator") })
    // Its bands are now fitted like those of any other network.
    let wanted = card("sentinel-2-l1c", [bands[1]])
    let (smaller, notes) = try PretrainedWeights(path: path, card: .metadata, for: architecture)
      .model(for: wanted, seed: 4)
    #expect(!notes.contains { $0.hasPrefix("made") })
    let area = 256
    #expect(filters(smaller)?.prefix(area) == filters(model)?[area..<2 * area])
  }
}
