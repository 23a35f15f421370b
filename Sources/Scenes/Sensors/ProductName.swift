/// The instrument and level that the name of a product states, by the rules of USGS and ESA.
public struct ProductName: Hashable, Sendable {
  /// The product's usual name: `Landsat 8, level 1`.
  public let words: String
  /// The sensors of the catalogue that read it as it is.
  public let sensors: [String]

  /// Reads the name of a file or directory, which may hold more; nil where it names no product that is known.
  public init?(in name: String) {
    if let match = name.firstMatch(of: /S2[A-D]_MSIL(1C|2A)_/) {
      self.init(
        "Sentinel-2, level \(match.output.1)", [match.output.1 == "1C" ? Sensor.sentinel2L1C : .sentinel2L2A])
    } else if let match = name.firstMatch(
      of: /L[COTEM]0([4-9])_L(1|2)[A-Z]{2}_\d{6}_\d{8}_\d{8}_(\d{2})_/.asciiOnlyDigits())
    {
      guard let known = Self.landsat(String(match.output.1), level: match.output.2, match.output.3) else {
        return nil
      }
      self = known
    } else {
      return nil
    }
  }

  private init(_ words: String, _ sensors: [Sensor]) {
    (self.words, self.sensors) = (words, sensors.map(\.name))
  }

  /// Returns the product of a Landsat number, level and collection; digital numbers of level 1 of the older
  /// instruments are radiances that no sensor of the catalogue reads.
  private static func landsat(_ number: String, level: Substring, _ collection: Substring) -> ProductName? {
    let words = "Landsat \(number), collection \(Int(collection) ?? 0), level \(level)"
    switch (number, level, collection) {
    case ("8", "1", _), ("9", "1", _): return ProductName(words, [.landsat8L1])
    case ("8", "2", "02"), ("9", "2", "02"): return ProductName(words, [.landsat8L2])
    case ("7", "1", _), ("5", "1", _), ("4", "1", _): return ProductName(words, [])
    case ("7", "2", "02"): return ProductName(words, [.landsat7L2])
    case ("5", "2", "02"), ("4", "2", "02"): return ProductName(words, [.landsat5L2])
    default: return nil
    }
  }

  /// Returns the reason why a product of this name is none of a sensor, as a clause; nil where it is one, or
  /// where the sensor is a user's own.
  public func doubt(about sensor: Sensor) -> String? {
    guard sensor.name != Sensor.customName, !sensors.contains(sensor.name) else { return nil }
    return "by its name it is \(words)" + (sensors.first.map { ", which '\($0)' reads" } ?? "")
  }
}
