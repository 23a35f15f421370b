import Classes
import Foundation
import Host

/// The card of weights, which is needed to use them: the network they fit, and the radiometry they were
/// trained on.
///
/// The card travels in the metadata of the weights (`terrane.card`) and beside them as `card.json`, in JSON
/// of ``ModelCardFormat2``.
public struct ModelCard: Codable, Hashable, Sendable {
  /// The limits between which values are kept; two numbers in JSON.
  ///
  /// The type is no range of the library, which cannot hold limits in the wrong order: ``CardCheck`` reports
  /// those in words.
  public struct Clip: Hashable, Sendable {
    /// The lower limit; smaller values become this one.
    public var low: Double
    /// The upper limit; larger values become this one.
    public var high: Double

    /// Creates limits.
    public init(_ low: Double, _ high: Double) { (self.low, self.high) = (low, high) }
  }

  /// The normalisation of one input band: (value kept within ``clip`` - ``mean``) / ``deviation``.
  ///
  /// All numbers are in the sensor's physical unit: reflectance from 0 to 1, decibels, kelvin; for bands that
  /// no sensor of terrane has, in the unit in which they are stored.
  public struct Band: Codable, Hashable, Sendable {
    /// The sensor's name of the band: `B02`, `VV`.
    public var name: String
    /// The centre wavelength in nanometres, where there is one.
    public var wavelength: Double?
    /// The mean, which is subtracted from each value.
    public var mean: Double
    /// The deviation, by which the difference is divided.
    public var deviation: Double
    /// The limits of values before the mean is subtracted; `nil` for none.
    public var clip: Clip?
    /// The unit of the numbers, as the sensor calls it: `reflectance`, `dB`; `nil` where nobody said.
    public var unit: String?

    /// Creates the normalisation of a band.
    public init(
      name: String, wavelength: Double?, mean: Double, deviation: Double, clip: Clip? = nil,
      unit: String? = nil
    ) {
      (self.name, self.wavelength, self.mean, self.deviation) = (name, wavelength, mean, deviation)
      (self.clip, self.unit) = (clip, unit)
    }
  }

  /// The name of the model's prediction task: `segmentation`, `scene-classification`.
  public var task: String
  /// The name of the architecture: `unet`.
  public var architecture: String
  /// The name of the encoder: `resnet18`, `resnet34`.
  public var encoder: String
  /// The name of the sensor whose bands and units these are.
  public var sensor: String
  /// The input bands in order.
  public var bands: [Band]
  /// The classes in the order of the scores.
  public var classes: [LandClass]
  /// Whether the head was trained on these classes; a fresh head scores at random.
  public var hasTrainedHead: Bool
  /// The steps that made the weights, oldest first: `pretrain-load`, `fine-tune (source)`.
  public var history: [LineageStep]
  /// The kernels and the thread count of the training, on which its bytes depend; `nil` where nothing was
  /// trained.
  public var trainedWith: String?
  /// The licence of the weights: `CC-BY-4.0`; ``noLicence`` where the publisher states none, `nil` where
  /// nothing is known.
  public var licence: String?
  /// Whether the licence forbids commercial use.
  public var isNonCommercial: Bool
  /// The name of the published weights that these began as: `ssl4eo-s12-resnet50-moco-s2`.
  public var origin: String?
  /// The number of networks of this kind in the file, whose probabilities are averaged; `nil` for one.
  public var members: Int?
  /// The way in which the network compares two dates, each of ``bands``; `nil` for one that sees a single
  /// date.
  public var comparison: DateComparison?
  /// The classifier in the place of the network's head; `nil` for a network with a head of its own.
  public var learner: LearnerCard?
  /// The adjustments of each scene before its bands are normalised, in order; none for scenes as they are.
  public var radiometry: [RadiometricStep] = []
  /// The quantiles of each band of the training data, in its unit: the values below which 1/40, 3/40, ...
  /// 39/40 of its pixels lie, by which a scene is held against the training data; `nil` where nothing was
  /// learned, or nobody noted them.
  public var trainingQuantiles: [[Double]]?

  /// Creates a card.
  ///
  /// - Parameter task: the name of the prediction task; nil for the one that networks of the architecture
  ///   answer: a classifier `scene-classification`, any other one `segmentation`.
  public init(
    architecture: String, encoder: String, sensor: String, bands: [Band], classes: [LandClass],
    hasTrainedHead: Bool = false,
    history: [LineageStep] = [], trainedWith: String? = nil,
    licence: String? = nil, isNonCommercial: Bool = false, origin: String? = nil, members: Int? = nil,
    comparison: DateComparison? = nil, task: String? = nil
  ) {
    self.task = task ?? (architecture == "classifier" ? "scene-classification" : "segmentation")
    (self.architecture, self.encoder, self.sensor) = (architecture, encoder, sensor)
    (self.bands, self.classes, self.hasTrainedHead) = (bands, classes, hasTrainedHead)
    (self.history, self.trainedWith) = (history, trainedWith)
    (self.licence, self.isNonCommercial, self.origin) = (licence, isNonCommercial, origin)
    (self.members, self.comparison) = (members, comparison)
  }

  /// The channels of the network's input: the bands, of each date where it compares two, the earlier one
  /// first.
  public var channels: [Band] {
    guard comparison != nil else { return bands }
    return ["before", "after"].flatMap { date in
      bands.map { band in
        var channel = band
        channel.name = "\(date) \(band.name)"
        return channel
      }
    }
  }

  /// The value of ``licence`` where the publisher states none.
  public static let noLicence = "none"

  /// The key of the card in the weights' metadata.
  public static let metadataKey = "terrane.card"

  /// The card as JSON with sorted keys.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
  }

  /// Reads the card in a file of its own.
  ///
  /// - Throws: ``CheckpointError`` where there is none or it cannot be read.
  public init(contentsOf path: String) throws(CheckpointError) {
    try self.init(json: FileBytes.text(of: path), path: path, damage: "the model card cannot be read")
  }

  /// Reads the card in a weights file's metadata; nil where there is none.
  ///
  /// - Throws: ``CheckpointError`` where there is one that cannot be read.
  public init?(in file: WeightsFile) throws(CheckpointError) {
    guard let text = file.metadata[Self.metadataKey] else { return nil }
    try self.init(
      json: Data(text.utf8), path: file.path, damage: "the model card in its metadata is damaged")
  }

  /// Reads the card that JSON holds, from the file at `path`; `damage` says in errors what is wrong with it.
  private init(json: Data, path: String, damage: String) throws(CheckpointError) {
    do {
      self = try JSONDecoder().decode(ModelCard.self, from: json)
    } catch let later as LaterFormat {
      throw CheckpointError(.card, path: path, later.description)
    } catch {
      throw CheckpointError(.card, path: path, "\(damage): \(error.decodingProblem)")
    }
  }
}
