import Foundation

/// The name of a file of the Harmonized Landsat and Sentinel-2 products, version 2:
/// `HLS.S30.T32UPU.2023165T102601.v2.0.B04.tif`.
struct HarmonizedName: Hashable {
  /// The product: `HLS.S30.T32UPU.2023165T102601.v2.0`.
  let product: String
  /// `S30` of Sentinel-2, `L30` of Landsat.
  let kind: String
  /// The tile of the Military Grid, `T32UPU`.
  let tile: String
  /// The day that it shows.
  let day: Day
  /// The time that it was taken at, UTC, as `2023-06-14T10:26:01Z`.
  let time: String
  /// The version, `2.0`.
  let version: String
  /// The rest of the name without the extension, `B04` or `Fmask`; nil of what is no GeoTIFF.
  let layer: String?

  /// Reads a name; nil where it is none.
  ///
  /// - Source: HLS Product User Guide, version 2.0, section 6.1.
  init?(_ name: String) {
    // Expressions are made for each name: most names are told apart without.
    guard name.hasPrefix("HLS."),
      let match = name.prefixMatch(
        of: /HLS\.(S30|L30)\.(T\d\d[A-Z]{3})\.(\d{4})(\d{3})T(\d\d)(\d\d)(\d\d)\.v(2\.\d)(?![0-9])/
          .asciiOnlyDigits()),
      let year = Int(match.3), let number = Int(match.4), let day = Day(year: year, dayOfYear: number)
    else { return nil }
    (product, kind, tile) = (String(match.0), String(match.1), String(match.2))
    (self.day, version) = (day, String(match.8))
    time = "\(day)T\(match.5):\(match.6):\(match.7)Z"
    let parts = name[match.range.upperBound...].split(separator: ".", omittingEmptySubsequences: false)
    let isImage = parts.count == 3 && parts[0].isEmpty && ["tif", "tiff"].contains(parts[2].lowercased())
    layer = isImage ? String(parts[1]) : nil
  }

  /// The band that the file holds; nil of masks and of the angles of sun and view.
  var band: String? {
    guard let layer, layer.firstMatch(of: /^B\d[\dA]$/.asciiOnlyDigits()) != nil else { return nil }
    return layer
  }
}

/// The description of a harmonized product, which its name gives.
struct HarmonizedMetadata: ProductMetadata {
  /// The name of one of its files.
  let name: HarmonizedName

  var files: [String] { [] }

  func delivery() -> Delivery {
    var delivery = Delivery(product: ProductName(harmonized: name.kind), ground: name.tile)
    (delivery.day, delivery.time, delivery.version) = (name.day, name.time, name.version)
    return delivery
  }

  /// Returns nothing: the scale stands in the files, and is the sensor's.
  func statedBands(for sensor: Sensor) -> [String: StatedBand] { [:] }
}
