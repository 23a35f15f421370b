import Foundation

/// What must be known of weights to use them: the network they fit, and the radiometry they were trained on.
///
/// It travels in the metadata of the weights (`terrane.card`) and beside them as `card.json`.
public struct ModelCard: Codable, Hashable, Sendable {
  /// One class of the scores, in the order of the channels.
  public struct Class: Codable, Hashable, Sendable {
    /// The value in maps.
    public var value: UInt8
    /// The name in legends.
    public var name: String

    /// A class.
    public init(value: UInt8, name: String) { (self.value, self.name) = (value, name) }
  }

  /// The normalisation of one input band, in the sensor's physical unit.
  public struct Band: Codable, Hashable, Sendable {
    /// The sensor's name of it: `B02`, `VV`.
    public var name: String
    /// Centre wavelength in nanometres, where there is one.
    public var wavelength: Double?
    /// Subtracted from each value.
    public var mean: Double
    /// Divides the difference.
    public var deviation: Double

    /// A band.
    public init(name: String, wavelength: Double?, mean: Double, deviation: Double) {
      (self.name, self.wavelength, self.mean, self.deviation) = (name, wavelength, mean, deviation)
    }
  }

  /// `unet`.
  public var architecture: String
  /// `resnet18`, `resnet34`.
  public var encoder: String
  /// The sensor whose bands and units these are.
  public var sensor: String
  /// The input bands in order.
  public var bands: [Band]
  /// The classes in the order of the scores.
  public var classes: [Class]
  /// Whether the head was trained on these classes; a fresh head scores at random.
  public var hasTrainedHead: Bool
  /// What made the weights, oldest first: `pretrain-load`, `fine-tune (source)`.
  public var history: [String]
  /// Kernels and thread count of the training, on which its bytes depend; `nil` where nothing was trained.
  public var trainedWith: String?

  /// A card.
  public init(
    architecture: String, encoder: String, sensor: String, bands: [Band], classes: [Class],
    hasTrainedHead: Bool = false,
    history: [String] = [], trainedWith: String? = nil
  ) {
    (self.architecture, self.encoder, self.sensor) = (architecture, encoder, sensor)
    (self.bands, self.classes, self.hasTrainedHead) = (bands, classes, hasTrainedHead)
    (self.history, self.trainedWith) = (history, trainedWith)
  }

  /// The key in the weights' metadata.
  public static let metadataKey = "terrane.card"

  /// The card as JSON with sorted keys.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
  }

  /// The card in a file of its own.
  ///
  /// - Throws: ``CheckpointError`` where there is none or it cannot be read.
  public init(contentsOf path: String) throws(CheckpointError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CheckpointError(.notFound, path: path, "no such model card")
    }
    do {
      self = try JSONDecoder().decode(ModelCard.self, from: data)
    } catch {
      throw CheckpointError(.card, path: path, "the model card cannot be read: \(error)")
    }
  }

  /// The card in a weights file's metadata; nil where there is none.
  ///
  /// - Throws: ``CheckpointError`` where there is one that cannot be read.
  public init?(in file: WeightsFile) throws(CheckpointError) {
    guard let text = file.metadata[Self.metadataKey] else { return nil }
    do {
      self = try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8))
    } catch {
      throw CheckpointError(.card, path: file.path, "the model card in its metadata is damaged: \(error)")
    }
  }
}
