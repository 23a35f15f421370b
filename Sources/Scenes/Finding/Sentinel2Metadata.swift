import Foundation
import Rasters

/// The metadata file of a Sentinel-2 product, `MTD_MSIL2A.xml` or `MTD_MSIL1C.xml`.
struct Sentinel2Metadata: ProductMetadata {
  let file: String

  /// The names of such files.
  static let names = ["MTD_MSIL2A.xml", "MTD_MSIL1C.xml"]

  /// Creates the metadata file in a product's directory; nil where there is none.
  init?(in place: SceneListing) {
    guard let name = Self.names.first(where: place.names.contains) else { return nil }
    file = place.path + "/" + name
  }

  /// Creates the metadata file of the product that a path lies in, `.../X.SAFE/GRANULE/...`; nil where it
  /// lies in none, or there is no such file.
  init?(around path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let place = parts.dropLast().lastIndex(where: { $0.hasSuffix(".SAFE") }) else { return nil }
    let product = parts[...place].joined(separator: "/")
    let file = Self.names.map { product + "/" + $0 }.first(where: FileManager.default.fileExists)
    guard let file else { return nil }
    self.file = file
  }

  var day: Day? {
    let start = /<(?:PRODUCT_START_TIME|DATATAKE_SENSING_START)>\s*(\d{4}-\d\d-\d\d)/.asciiOnlyDigits()
    return text?.firstMatch(of: start).flatMap { Day(String($0.1)) }
  }

  /// The level, which the file's name says.
  var product: ProductName? { ProductName(sentinel2Level: file.hasSuffix("1C.xml") ? "1C" : "2A") }

  /// Returns the sensor's scaling with the offset, usually -1000, that numbers carry since processing
  /// baseline 04.00, and that is stated here only.
  func scalings(for sensor: Sensor) throws(RasterError) -> [String: StoredScaling] {
    guard sensor.name.hasPrefix("sentinel-2") else { return [:] }
    var scalings: [String: StoredScaling] = [:]
    let pattern = /<(?:BOA|RADIO)_ADD_OFFSET\s+band_id="(\d+)"\s*>\s*(-?[0-9.]+)\s*</.asciiOnlyDigits()
    for match in try contents().matches(of: pattern) {
      guard let id = Int(match.1), Self.bands.indices.contains(id), let value = Double(match.2) else {
        continue
      }
      scalings[Self.bands[id]] = StoredScaling(
        scale: sensor.scale, offset: sensor.offset + value * sensor.scale)
    }
    return scalings
  }

  /// Returns the processing baseline of the product that the image of a band lies in, where its numbers carry
  /// an offset that only the metadata file states; nil of an older one, and of other files.
  static func baselineWithOffset(ofImage path: String) -> String? {
    let product = path.split(separator: "/").dropLast().last { $0.hasSuffix(".SAFE") }
    guard SAFEFolder.band(in: path) != nil,
      let match = product?.firstMatch(of: /_N(\d\d)(\d\d)_/.asciiOnlyDigits()),
      Int(match.1).map({ $0 >= 4 }) ?? false
    else { return nil }
    return "\(match.1).\(match.2)"
  }

  /// The bands by the numbers that the file gives them, as normalised names.
  private static let bands = [
    "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12",
  ]
}
