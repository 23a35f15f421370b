import Rasters

/// The metadata file of a Landsat product, `<product>_MTL.txt`.
struct LandsatMetadata: ProductMetadata {
  let file: String

  /// Creates the metadata file in a product's directory; nil where there is none, or only a link that leaves
  /// the directory, or no regular file.
  init?(in place: SceneListing) {
    let file = place.names.filter(Self.isMetadata).map { place.path + "/" + $0 }
      .first { (try? InputPath.checkCompanion($0, to: "find the day")) != nil }
    guard let file else { return nil }
    self.file = file
  }

  /// Returns whether a file of this name is one.
  static func isMetadata(_ name: String) -> Bool { name.hasSuffix("_MTL.txt") || name == "MTL.txt" }

  var day: Day? {
    let acquired = /DATE_ACQUIRED\s*=\s*"?(\d{4}-\d\d-\d\d)/.asciiOnlyDigits()
    return text?.firstMatch(of: acquired).flatMap { Day(String($0.1)) }
  }

  /// Returns none: the sensors of the catalogue hold what Landsat's numbers need.
  func addedOffsets(for sensor: Sensor) -> [String: Double] { [:] }
}
