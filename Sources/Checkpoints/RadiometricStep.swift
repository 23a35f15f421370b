/// One of the steps by which each scene, as a whole and before its normalisation, is adjusted to the data
/// that a network knows.
///
/// A card holds the reference that scenes are adjusted to; the change of a scene's values is found from the
/// scene itself when it is opened. Values are in the bands' units, in the order of the card's bands.
public enum RadiometricStep: Codable, Hashable, Sendable {
  /// The centre and the spread of each band are brought to the reference's, which stand here.
  ///
  /// Centre: the median; spread: the interquartile range over 1.349, which is the standard deviation of a
  /// normal distribution.
  case standardise(centre: [Double], spread: [Double])
  /// The quantiles of each band are brought to the reference's.
  ///
  /// `quantiles` holds, for each band, one value for each of `probabilities`.
  case histogramMatching(probabilities: [Double], quantiles: [[Double]])
  /// Scenes of Sentinel-2 and Landsat 8 or 9 are brought to the measurements of the `reference` of the two
  /// (`msi`, `oli`), by the lines of a Sentinel-2 satellite, or of the one that a scene's name says.
  case sensorBands(reference: String, satellite: String?)
  /// Scenes that are not the reference are mapped by one line a band.
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
