/// The instrument and level that the name of a product states, by the rules of USGS and ESA.
public struct ProductName: Hashable, Sendable {
  /// The product's usual name: `Landsat 8, level 1`.
  public let words: String
  /// The sensors of the catalogue that read it as it is.
  public let sensors: [String]

  /// Reads the name of a file or directory, which may hold more; nil where it names no product that is known.
  public init?(in name: String) {
    if let match = name.firstMatch(of: /S2[A-D]_MSIL(1C|2A)_/) {
      self.init(sentinel2Level: match.output.1)
    } else if let match = name.firstMatch(
      of: /L[COTEM]0([4-9])_L(1|2)[A-Z]{2}_\d{6}_\d{8}_\d{8}_(\d{2})_/.asciiOnlyDigits())
    {
      self.init(landsat: match.output.1, level: match.output.2, collection: Int(match.output.3))
    } else {
      return nil
    }
  }

  private init(_ words: String, _ sensors: [Sensor]) {
    (self.words, self.sensors) = (words, sensors.map(\.name))
  }

  /// Creates the name of a Sentinel-2 product of a level, `1C` or `2A`.
  init(sentinel2Level level: Substring) {
    self.init("Sentinel-2, level \(level)", [level == "1C" ? Sensor.sentinel2L1C : .sentinel2L2A])
  }

  /// Creates the name of a Landsat product of a satellite, level and collection; nil for one that is not
  /// known.
  ///
  /// - Parameter collection: nil of a product of before the collections.
  init?(landsat number: Substring, level: Substring, collection: Int?) {
    let words =
      "Landsat \(number), " + (collection.map { "collection \($0), " } ?? "before the collections, ")
      + "level \(level)"
    let sensors: [Sensor]
    switch (number, level, collection) {
    case ("8", "1", _), ("9", "1", _): sensors = [.landsat8TOA, .landsat8L1]
    case ("8", "2", 2), ("9", "2", 2): sensors = [.landsat8L2]
    case ("7", "1", _): sensors = [.landsat7TOA]
    case ("5", "1", _), ("4", "1", _): sensors = [.landsat5TOA]
    case ("7", "2", 2): sensors = [.landsat7L2]
    case ("5", "2", 2), ("4", "2", 2): sensors = [.landsat5L2]
    default: return nil
    }
    self.init(words, sensors)
  }

  /// The product, and the sensor of the catalogue that reads it: `Landsat 8, collection 2, level 2, which
  /// 'landsat-8-oli-c2-l2' reads`.
  var wordsWithReader: String { words + (sensors.first.map { ", which '\($0)' reads" } ?? "") }

  /// Returns whether the product's numbers are those of a sensor, or the sensor is a user's own.
  func isRead(by sensor: Sensor) -> Bool {
    sensor.name == Sensor.customName || sensors.contains(sensor.name)
  }

  /// Returns the reason why a product of this name is none of a sensor, as a clause; nil where it is one, or
  /// where the sensor is a user's own.
  public func doubt(about sensor: Sensor) -> String? {
    isRead(by: sensor) ? nil : "by its name it is \(wordsWithReader)"
  }
}
