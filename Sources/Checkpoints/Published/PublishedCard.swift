import Classes

/// The facts about published weights that come without a card: the network, the bands, the preparation of
/// values, and the licence.
///
/// No file says in which unit its network wants reflectance, and a network with the wrong one runs and maps
/// noise. So the publisher's own rule is stated here with its unit, and converted.
public struct PublishedCard: Hashable, Sendable {
  /// An input band.
  public struct Band: Hashable, Sendable {
    /// The sensor's name of the band.
    public let name: String
    /// The centre wavelength in nanometres, where there is one.
    public let wavelength: Double?
    /// The preparation of the band's values; nil where each image is prepared by its own statistics.
    public let preparation: PublishedPreparation?

    /// Creates a band.
    public init(_ name: String, _ wavelength: Double?, _ preparation: PublishedPreparation?) {
      (self.name, self.wavelength, self.preparation) = (name, wavelength, preparation)
    }
  }

  /// The place of the network's tensors in the publisher's own file. Copies under timm's or torchvision's
  /// names, as torchgeo keeps them, are flat and need none of it.
  public struct Keys: Hashable, Sendable {
    /// The entry that holds the tensors: `state_dict`; nil where they are the file.
    public let entry: String?
    /// The prefix before the names of the network's tensors.
    public let prefix: String
    /// The beginnings of the names of tensors that are no part of the network.
    public let leftOut: [String]

    /// Creates a rule.
    public init(entry: String? = nil, prefix: String = "", leftOut: [String] = []) {
      (self.entry, self.prefix, self.leftOut) = (entry, prefix, leftOut)
    }
  }

  /// The name by which a user asks for the weights: `ssl4eo-s12-resnet50-moco-s2`.
  public let name: String
  /// The network as its publisher calls it.
  public let architecture: String
  /// The network, or the encoder of a segmentation network, as terrane calls it; nil where terrane does not
  /// have it.
  public let backbone: String?
  /// The decoder over the backbone that the file has too, as terrane calls it: `unet`; nil for an encoder or
  /// a classifier alone.
  public let decoder: String?
  /// The name of a sensor whose values these bands are; `custom` where they are no product that terrane
  /// knows, and must be stored in the units of the bands.
  public let sensor: String
  /// The input bands in order.
  public let bands: [Band]
  /// The classes that the whole network tells apart as it is, in the order of its scores; none where its head
  /// is another's, or is not known.
  public let classes: [PublishedClass]
  /// The place of the tensors in the file.
  public let keys: Keys
  /// The licence, ``ModelCard/noLicence`` where the publisher states none.
  public let licence: String
  /// Whether the licence forbids commercial use.
  public let isNonCommercial: Bool
  /// The paper that describes the weights.
  public let source: String
  /// Other facts that one should know, in sentences.
  public let notes: [String]

  init(
    _ name: String, _ architecture: String, backbone: String? = nil, decoder: String? = nil,
    isSupported: Bool = true, sensor: String, bands: [Band], classes: [PublishedClass] = [],
    keys: Keys = Keys(), licence: String, isNonCommercial: Bool = false, source: String,
    notes: [String] = []
  ) {
    (self.name, self.architecture, self.sensor, self.bands) = (name, architecture, sensor, bands)
    self.backbone = isSupported ? backbone ?? architecture : nil
    (self.decoder, self.classes) = (decoder, classes)
    (self.keys, self.licence, self.isNonCommercial) = (keys, licence, isNonCommercial)
    (self.source, self.notes) = (source, notes)
  }

  /// Whether terrane has the network.
  public var isSupported: Bool { backbone != nil }

  /// Whether values are prepared by fixed numbers, and not by the statistics of each image.
  public var hasFixedPreparation: Bool { bands.allSatisfy { $0.preparation != nil } }

  /// The normalisation of each band in physical units; nil where each image is prepared by its own
  /// statistics.
  public var normalization: [ModelCard.Band]? {
    guard hasFixedPreparation else { return nil }
    return bands.compactMap { $0.preparation?.normalization(of: $0.name, wavelength: $0.wavelength) }
  }

  /// Creates the card of a model that begins with these weights. Its head is untrained, unless it is the very
  /// network of the file, with its classes.
  ///
  /// - Parameters:
  ///   - architecture: the network around the backbone: `unet`.
  ///   - encoder: terrane's name of the backbone; ``backbone`` unless told otherwise.
  ///   - classes: the classes that the head is for; of the whole network of the file its own where there are
  ///     none.
  /// - Throws: ``CheckpointError`` where terrane does not have the network, or there is no fixed preparation.
  public func card(
    architecture: String, encoder: String? = nil, classes: [LandClass]
  ) throws(CheckpointError) -> ModelCard {
    guard let encoder = encoder ?? backbone, let normalization else {
      throw CheckpointError(.card, path: name, obstacles.joined(separator: "; "))
    }
    let known = architecture == decoder ? self.classes.map(\.landClass) : []
    return ModelCard(
      architecture: architecture, encoder: encoder, sensor: sensor, bands: normalization,
      classes: classes.isEmpty ? known : classes,
      hasTrainedHead: !known.isEmpty && (classes.isEmpty || classes == known), licence: licence,
      isNonCommercial: isNonCommercial, origin: name)
  }

  /// Says why these weights cannot be used as they are with what is at hand, in sentences; none where they
  /// can.
  ///
  /// - Parameters:
  ///   - inputChannels: the number of channels that the first convolution of the file takes; nil where that
  ///     is not known.
  ///   - scenes: the data that a pipeline reads; nil where statistics are measured anew on it.
  ///   - knownSensors: the names of the sensors; nil for no check.
  public func problems(
    inputChannels: Int? = nil, scenes: CardCheck.Scenes? = nil, knownSensors: [String]? = nil
  ) -> [String] {
    guard obstacles.isEmpty, let card = try? card(architecture: "", classes: []) else { return obstacles }
    return CardCheck(card, inputChannels: inputChannels, scenes: scenes, knownSensors: knownSensors).problems
  }

  private var obstacles: [String] {
    (isSupported ? [] : ["terrane does not have the network \(architecture)"])
      + (hasFixedPreparation
        ? [] : ["each image is prepared by its own statistics; there are no fixed ones for a card"])
  }
}
