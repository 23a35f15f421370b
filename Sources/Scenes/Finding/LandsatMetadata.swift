import Rasters

/// The metadata file of a Landsat product, `<product>_MTL.txt`.
struct LandsatMetadata: ProductMetadata {
  let file: String
  /// The names in the directory, in lower case and without extensions.
  private let stems: Set<String>

  /// Creates the metadata file in a product's directory; nil where there is none, or only a link that leaves
  /// the directory, or no regular file.
  init?(in place: SceneListing) {
    let file = place.names.filter(Self.isMetadata).map { place.path + "/" + $0 }
      .first { (try? InputPath.checkCompanion($0, to: "find the day")) != nil }
    guard let file else { return nil }
    self.file = file
    stems = Set(place.names.map(LandsatFields.stem))
  }

  /// Returns whether a file of this name is one.
  static func isMetadata(_ name: String) -> Bool { name.hasSuffix("_MTL.txt") || name == "MTL.txt" }

  var day: Day? {
    let acquired = /DATE_ACQUIRED\s*=\s*"?(\d{4}-\d\d-\d\d)/.asciiOnlyDigits()
    return text?.firstMatch(of: acquired).flatMap { Day(String($0.1)) }
  }

  /// The satellite, level and collection; nil where the folder holds images that were made later of those
  /// that the file names, as surface reflectance on demand is.
  var product: ProductName? {
    guard let text else { return nil }
    let fields = LandsatFields(text)
    return fields.namesImages(among: stems) ? fields.product : nil
  }

  /// Returns the scalings to reflectance at the top of the atmosphere, for the sensors of it.
  func scalings(for sensor: Sensor) throws(RasterError) -> [String: StoredScaling] {
    guard sensor.scalesByProduct else { return [:] }
    let fields = LandsatFields(try contents())
    guard fields.namesImages(among: stems) else {
      throw RasterError(
        .unsupported, "find scale and offset", path: file,
        cause: "the images beside it are none that it names")
    }
    return try fields.reflectance(day: day, file: file)
  }
}
