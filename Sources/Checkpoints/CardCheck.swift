/// The contradictions of a card with itself, the weights, or the scenes at hand.
///
/// A mean in one unit that is subtracted from values in another breaks nothing that could be seen: the
/// network runs, and maps noise. So units are compared by name and never guessed from values.
public struct CardCheck: Hashable, Sendable {
  /// The sensor, unit and bands that a pipeline reads from its scenes.
  public struct Scenes: Hashable, Sendable {
    /// The name of the sensor.
    public var sensor: String
    /// The physical unit of the scenes' values.
    public var unit: String
    /// The bands that are read.
    public var bands: [String]
    /// Whether values are used as they are stored: their unit is then the card's.
    public var isAsStored: Bool

    /// Creates a description of scenes.
    public init(sensor: String, unit: String, bands: [String], isAsStored: Bool = false) {
      (self.sensor, self.unit, self.bands, self.isAsStored) = (sensor, unit, bands, isAsStored)
    }
  }

  /// The contradictions that must be put right before the weights are used, in sentences.
  public let problems: [String]
  /// The facts that a user should know, in sentences.
  public let warnings: [String]

  /// Checks a card.
  ///
  /// - Parameters:
  ///   - card: the card.
  ///   - inputChannels: the number of channels that the first convolution of the weights takes; nil where
  ///     that is not known.
  ///   - scenes: the scenes at hand. Their unit is compared for bands that the card has too; nil for no
  ///     comparison, where the statistics are measured anew on the scenes.
  ///   - knownSensors: the names that a card's sensor may have; nil for any.
  public init(
    _ card: ModelCard, inputChannels: Int? = nil, scenes: Scenes? = nil, knownSensors: [String]? = nil
  ) {
    problems =
      Self.sensorProblems(card, knownSensors) + Self.countProblems(card, inputChannels)
      + card.bands.flatMap(Self.numberProblems) + (scenes.map { Self.unitProblems(card, $0) } ?? [])
    warnings = Self.licenceWarnings(card)
  }

  private static func sensorProblems(_ card: ModelCard, _ known: [String]?) -> [String] {
    guard let known, !known.contains(card.sensor) else { return [] }
    return ["the card's sensor '\(card.sensor)' is unknown; there are \(known.joined(separator: ", "))"]
  }

  private static func countProblems(_ card: ModelCard, _ inputChannels: Int?) -> [String] {
    var problems: [String] = []
    if card.bands.isEmpty { problems.append("the card names no band") }
    let channels = card.comparison == .earlyFusion ? card.channels.count : card.bands.count
    if let inputChannels, inputChannels != channels {
      problems.append(
        "the card names \(channels) bands, the first convolution takes \(inputChannels)")
    }
    var seen: Set<String> = []
    var reported: Set<String> = []
    for band in card.bands where !seen.insert(band.name).inserted && reported.insert(band.name).inserted {
      problems.append("the card names band '\(band.name)' more than once")
    }
    return problems
  }

  private static func numberProblems(_ band: ModelCard.Band) -> [String] {
    var problems: [String] = []
    if !band.mean.isFinite { problems.append("band '\(band.name)' has mean \(band.mean)") }
    if !(band.deviation.isFinite && band.deviation > 0) {
      problems.append("band '\(band.name)' has deviation \(band.deviation); it must be above 0")
    }
    if let clip = band.clip, !(clip.low.isFinite && clip.high.isFinite && clip.low < clip.high) {
      problems.append(
        "band '\(band.name)' is clipped to \(clip.low) ... \(clip.high); the first must be below the second")
    }
    if let wavelength = band.wavelength, !(wavelength.isFinite && wavelength > 0) {
      problems.append("band '\(band.name)' has wavelength \(wavelength); it must be above 0 nm")
    }
    return problems
  }

  private static func unitProblems(_ card: ModelCard, _ scenes: Scenes) -> [String] {
    guard !scenes.isAsStored else { return [] }
    return card.bands.compactMap { band in
      guard let unit = band.unit, scenes.bands.contains(band.name),
        unit.lowercased() != scenes.unit.lowercased()
      else { return nil }
      return
        "the weights want band '\(band.name)' in \(unit), \(scenes.sensor) gives \(scenes.unit): store it "
        + "in \(unit) and name the sensor custom, or leave the band out"
    }
  }

  private static func licenceWarnings(_ card: ModelCard) -> [String] {
    let name = card.origin ?? "these weights"
    if card.licence?.lowercased() == ModelCard.noLicence {
      return ["the publisher of \(name) states no licence: ask before you use them for more than a trial"]
    }
    let words = card.licence?.uppercased().split { !$0.isLetter } ?? []
    guard card.isNonCommercial || words.contains("NC") else { return [] }
    return [
      "the licence of \(name)\(card.licence.map { " (\($0))" } ?? "") forbids commercial use, of the fine-tuned model too"
    ]
  }
}
