/// The bands of a sensor that stand for those that a pipeline names by another sensor.
///
/// Bands are found by wavelength: `B5` is red edge on one sensor and near infrared on another. Those that
/// have none, radar's and a user's own, are found by name.
public struct BandCorrespondence: Hashable, Sendable {
  /// The band that stands for one wanted band, or a mixture of two that does.
  public struct Counterpart: Hashable, Sendable {
    /// The wanted band.
    public let wanted: String
    /// The sensor's band.
    public let band: String
    /// The other band of a mixture.
    public let other: String?
    /// The share of the other band in the mixture.
    public let share: Double
    /// The correspondence in words: `B3 (660 nm) for B04 (665 nm)`.
    public let words: String
  }

  /// The largest difference of two wavelengths of one band, as a share of the wanted one.
  ///
  /// It tells red edge (705 nm) from red (660) and near infrared (830), and takes 1650 nm for 1610 and 865
  /// for 830.
  public static let tolerance = 0.05
  /// The largest difference of a wanted wavelength from those of the bands of a mixture, as a share of it.
  private static let reach = 0.25

  /// The counterpart of each wanted band, in order; as many as there are wanted bands without ``problems``.
  public let counterparts: [Counterpart]
  /// The bands that cannot be had, in sentences.
  public let problems: [String]

  /// Finds the counterparts of bands.
  ///
  /// - Parameters:
  ///   - wanted: names of bands of `own`.
  ///   - own: the sensor of the pipeline.
  ///   - other: the sensor of the scene.
  ///   - interpolates: whether a band that has no counterpart is mixed, by wavelength, from the nearest on
  ///     both sides.
  public init(of wanted: [String], of own: Sensor, on other: Sensor, interpolates: Bool = false) {
    var (counterparts, problems): ([Counterpart], [String]) = ([], [])
    if own.unit != other.unit, own.name != Sensor.customName, other.name != Sensor.customName {
      problems.append(
        "\(other.name) measures \(other.unit), the pipeline's \(own.name) \(own.unit): nothing converts one to the other"
      )
    }
    for name in wanted {
      let band = own.bandIndex(matching: name).map { own.bands[$0] } ?? SensorBand(name)
      if let counterpart = Self.counterpart(name, band, on: other, interpolates) {
        counterparts.append(counterpart)
      } else {
        problems.append(Self.absence(name, band, on: other))
      }
    }
    (self.counterparts, self.problems) = (counterparts, problems)
  }

  private static func counterpart(_ name: String, _ band: SensorBand, on sensor: Sensor, _ interpolates: Bool)
    -> Counterpart?
  {
    guard let wavelength = band.wavelength, sensor.bands.contains(where: { $0.wavelength != nil }) else {
      return named([name, band.name, band.commonName].compactMap(\.self) + band.aliases, name, on: sensor)
    }
    func distance(_ other: SensorBand) -> Double {
      other.wavelength.map { abs($0 - wavelength) } ?? .infinity
    }
    if let nearest = sensor.bands.min(by: { distance($0) < distance($1) }),
      distance(nearest) <= tolerance * wavelength
    {
      return Counterpart(
        wanted: name, band: nearest.name, other: nil, share: 0,
        words: "\(described(nearest)) for \(name) (\(nanometres(wavelength)))")
    }
    guard interpolates else { return nil }
    let near = sensor.bands.filter { distance($0) <= reach * wavelength }
    guard
      let below = near.filter({ $0.wavelength! < wavelength }).max(by: { $0.wavelength! < $1.wavelength! }),
      let above = near.filter({ $0.wavelength! > wavelength }).min(by: { $0.wavelength! < $1.wavelength! })
    else { return nil }
    return Counterpart(
      wanted: name, band: below.name, other: above.name,
      share: (wavelength - below.wavelength!) / (above.wavelength! - below.wavelength!),
      words: "between \(described(below)) and \(described(above)) for \(name) (\(nanometres(wavelength)))")
  }

  private static func named(_ names: [String], _ wanted: String, on sensor: Sensor) -> Counterpart? {
    guard let place = names.lazy.compactMap(sensor.bandIndex).first else { return nil }
    let band = sensor.bands[place].name
    return Counterpart(wanted: wanted, band: band, other: nil, share: 0, words: "\(band) for \(wanted)")
  }

  private static func absence(_ name: String, _ band: SensorBand, on sensor: Sensor) -> String {
    guard let wavelength = band.wavelength,
      let nearest = sensor.bands.filter({ $0.wavelength != nil })
        .min(by: { abs($0.wavelength! - wavelength) < abs($1.wavelength! - wavelength) })
    else { return "\(sensor.name) has no band \(name)" }
    let percent = Int((100 * tolerance).rounded())
    return
      "\(sensor.name) has no band within \(percent) % of \(name) (\(nanometres(wavelength))); the nearest is "
      + described(nearest)
  }

  private static func described(_ band: SensorBand) -> String {
    band.name + (band.wavelength.map { " (\(nanometres($0)))" } ?? "")
  }

  private static func nanometres(_ wavelength: Double) -> String { "\(Int(wavelength.rounded())) nm" }

  /// The bands to read, each once.
  public var bandsToRead: [String] {
    var names: [String] = []
    for name in counterparts.flatMap({ [$0.band] + [$0.other].compactMap(\.self) })
    where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// The mixtures by which the wanted bands are made of ``bandsToRead``.
  public var mixtures: [BandMixture] {
    let names = bandsToRead
    return counterparts.map { counterpart in
      let first = names.firstIndex(of: counterpart.band)!
      return BandMixture(
        first: first, second: counterpart.other.flatMap(names.firstIndex) ?? first,
        share: Float(counterpart.share))
    }
  }
}
