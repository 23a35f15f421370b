import Foundation
import Host
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

  var day: Day? {
    let start = /<(?:PRODUCT_START_TIME|DATATAKE_SENSING_START)>\s*(\d{4}-\d\d-\d\d)/.asciiOnlyDigits()
    return text?.firstMatch(of: start).flatMap { Day(String($0.1)) }
  }

  /// Returns the offset, usually -1000, that numbers carry since processing baseline 04.00, and that is
  /// stated here only.
  func addedOffsets(for sensor: Sensor) throws(RasterError) -> [String: Double] {
    guard sensor.name.hasPrefix("sentinel-2") else { return [:] }
    let attempted = "read the product's metadata"
    try InputPath.checkCompanion(file, to: attempted)
    let data: Data
    do throws(SystemError) {
      data = try RegularFile.contents(of: file, limit: Self.limit)
    } catch {
      throw RasterError(error, attempted)
    }
    var offsets: [String: Double] = [:]
    let pattern = /<(?:BOA|RADIO)_ADD_OFFSET\s+band_id="(\d+)"\s*>\s*(-?[0-9.]+)\s*</.asciiOnlyDigits()
    for match in String(decoding: data, as: UTF8.self).matches(of: pattern) {
      guard let id = Int(match.1), Self.bands.indices.contains(id), let value = Double(match.2) else {
        continue
      }
      offsets[Self.bands[id]] = value
    }
    return offsets
  }

  /// The bands by the numbers that the file gives them, as normalised names.
  private static let bands = [
    "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12",
  ]
}
