import Rasters

/// The metadata file of a Landsat product, `<product>_MTL.txt`.
struct LandsatMetadata: ProductMetadata {
  let file: String
  /// Whether the images are of a product that was made from the one that the file describes.
  private let holdsDerivedNumbers: Bool

  /// Creates the metadata file in a product's directory; nil where there is none, or only a link that leaves
  /// the directory, or no regular file.
  init?(in place: SceneListing) {
    let file = place.names.filter(Self.isMetadata).map { place.path + "/" + $0 }
      .first { (try? InputPath.checkCompanion($0, to: "find the day")) != nil }
    guard let file else { return nil }
    self.file = file
    holdsDerivedNumbers = place.names.contains { $0.contains("_sr_band") }
  }

  /// Returns whether a file of this name is one.
  static func isMetadata(_ name: String) -> Bool { name.hasSuffix("_MTL.txt") || name == "MTL.txt" }

  var day: Day? {
    let acquired = /DATE_ACQUIRED\s*=\s*"?(\d{4}-\d\d-\d\d)/.asciiOnlyDigits()
    return text?.firstMatch(of: acquired).flatMap { Day(String($0.1)) }
  }

  /// The satellite, level and collection; nil where the folder holds numbers that were made from it later, as
  /// surface reflectance on demand is.
  var product: ProductName? {
    guard !holdsDerivedNumbers, let text else { return nil }
    return LandsatFields(text).product
  }

  /// Returns the scalings to reflectance at the top of the atmosphere, for the sensors of it.
  func scalings(for sensor: Sensor) throws(RasterError) -> [String: StoredScaling] {
    guard sensor.scalesByProduct else { return [:] }
    return try LandsatFields(try contents()).reflectance(day: day, file: file)
  }
}
