/// One of the steps by which each scene is adjusted, as a whole and before it is normalised, to what a network knows.
///
/// A card holds what scenes are adjusted to; what becomes of a scene's values is found from the scene itself when it is opened.
/// Values are in the bands' units, in the order of the card's bands.
public enum RadiometricStep: Codable, Hashable, Sendable {
  /// Each band's centre and spread are brought to the reference's, which stand here.
  ///
  /// Centre: the median; spread: the interquartile range over 1.349, which is the standard deviation of a normal
  /// distribution.
  case standardise(centre: [Double], spread: [Double])
  /// Each band's quantiles are brought to the reference's.
  ///
  /// `quantiles` holds, for each band, one value for each of `probabilities`.
  case histogramMatching(probabilities: [Double], quantiles: [[Double]])
  /// Scenes of Sentinel-2 and Landsat 8 or 9 are brought to what the `reference` of the two (`msi`, `oli`) measures, by the
  /// lines of a Sentinel-2 satellite, or of the one that a scene's name says.
  case sensorBands(reference: String, satellite: String?)
  /// Scenes that are no reference are mapped by one line a band.
  case invariantFeatures(slopes: [Double], offsets: [Double])

  private enum CodingKeys: String, CodingKey {
    case standardise
    case histogramMatching = "histogram-matching"
    case sensorBands = "sensor-bands"
    case invariantFeatures = "invariant-features"
  }

  /// The name of the method in a pipeline file.
  public var methodName: String {
    switch self {
    case .standardise: CodingKeys.standardise.rawValue
    case .histogramMatching: CodingKeys.histogramMatching.rawValue
    case .sensorBands: CodingKeys.sensorBands.rawValue
    case .invariantFeatures: CodingKeys.invariantFeatures.rawValue
    }
  }
}
