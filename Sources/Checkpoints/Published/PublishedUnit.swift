/// A unit in which a publisher states how values are prepared, and its conversion into the sensor's physical
/// unit.
///
/// The offset of -1000 that Sentinel-2 numbers carry since processing baseline 04.00 is in none of them: a
/// scene applies it when it is read, from the product's own metadata, so that a reflectance is one whatever
/// the baseline.
public enum PublishedUnit: String, CaseIterable, Hashable, Sendable {
  /// Reflectance from 0 to 1.
  case reflectance
  /// Reflectance times 10,000, as Sentinel-2 products, HLS and Landsat's Collection 1 store it.
  case digitalNumbers
  /// Landsat Collection 2 surface reflectance as stored: (reflectance + 0.2) / 2.75e-5.
  case landsatCollection2
  /// Landsat 8 and 9 level 1 as stored: (reflectance + 0.1) / 2e-5, without correction for the height of the
  /// sun.
  case landsatLevel1
  /// Reflectance times 255.
  case reflectanceBytes
  /// The bytes of Sentinel-2's true-colour picture of a level-1C product, in which 255 is a reflectance of
  /// 0.3558.
  ///
  /// - Source: ESA, Sentinel-2 User Guide, definitions: "TCI".
  case trueColourBytes
  /// Bytes of a picture, converted into shares of full brightness.
  case pictureBytes
  /// Bytes as they are stored.
  case bytes
  /// Backscatter in decibels.
  case decibels
  /// Uncalibrated radar amplitude as it is stored.
  case amplitude
  /// Brightness temperature in kelvin.
  case kelvin

  /// The name of the physical unit, as the sensors call theirs.
  public var physicalUnit: String {
    switch self {
    case .reflectance, .digitalNumbers, .landsatCollection2, .landsatLevel1, .reflectanceBytes,
      .trueColourBytes:
      "reflectance"
    case .pictureBytes: "share of full brightness"
    case .bytes: "bytes"
    case .decibels: "dB"
    case .amplitude: "amplitude"
    case .kelvin: "kelvin"
    }
  }

  /// Converts a value of this unit into the physical one.
  public func physical(_ value: Double) -> Double { physical(difference: value) + offset }

  /// Converts a difference of two values, such as a deviation, into the physical unit.
  public func physical(difference: Double) -> Double {
    switch self {
    case .reflectance, .bytes, .decibels, .amplitude, .kelvin: difference
    // The value is divided, not multiplied by 0.0001, which is no number of base 2: 1612.9 becomes 0.16129 to
    // the last digit.
    case .digitalNumbers: difference / 10_000
    case .landsatCollection2: difference * 2.75e-5
    case .landsatLevel1: difference * 2e-5
    case .reflectanceBytes, .pictureBytes: difference / 255
    case .trueColourBytes: difference * 0.3558 / 255
    }
  }

  /// The physical value of 0.
  private var offset: Double {
    switch self {
    case .landsatCollection2: -0.2
    case .landsatLevel1: -0.1
    default: 0
    }
  }
}
