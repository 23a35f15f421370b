import Foundation
import Rasters

/// The metadata file of a Sentinel-2 product, `MTD_MSIL2A.xml` or `MTD_MSIL1C.xml`.
struct Sentinel2Metadata: ProductMetadata {
  /// The metadata file.
  private let file: String

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
    guard let place = parts.dropLast().lastIndex(where: { $0.lowercased().hasSuffix(".safe") }) else {
      return nil
    }
    let product = parts[...place].joined(separator: "/")
    let file = Self.names.map { product + "/" + $0 }.first(where: FileManager.default.fileExists)
    guard let file else { return nil }
    self.file = file
  }

  var files: [String] { [file] }

  func delivery() throws(RasterError) -> Delivery {
    let text = try MetadataText.contents(of: file)
    var delivery = Delivery(product: ProductName(sentinel2Level: file.hasSuffix("1C.xml") ? "1C" : "2A"))
    let start =
      Self.value(of: "DATATAKE_SENSING_START", in: text) ?? Self.value(of: "PRODUCT_START_TIME", in: text)
    delivery.day = start.flatMap { Day(String($0.prefix(10))) }
    delivery.time = start.map { "\($0.prefix(19))Z" }
    delivery.platform = Self.value(of: "SPACECRAFT_NAME", in: text)
    delivery.version = Self.value(of: "PROCESSING_BASELINE", in: text)
    let names = [Self.value(of: "PRODUCT_URI", in: text), file].compactMap(\.self)
    delivery.ground = names.lazy.compactMap(Delivery.tile).first
    delivery.cloudShare = Self.value(of: "Cloud_Coverage_Assessment", in: text).flatMap(Double.init).map {
      $0 / 100
    }
    delivery.files = images(in: text)
    return delivery
  }

  /// Returns the rules of all bands: the quantification value, the offset, usually -1000, that numbers carry
  /// since processing baseline 04.00, and the numbers of pixels without data and of saturated ones.
  func statedBands(for sensor: Sensor) throws(RasterError) -> [String: StatedBand] {
    guard sensor.name.hasPrefix("sentinel-2") else { return [:] }
    let text = try MetadataText.contents(of: file)
    let level = file.hasSuffix("1C.xml") ? "QUANTIFICATION_VALUE" : "BOA_QUANTIFICATION_VALUE"
    let quantum =
      Self.value(of: level, in: text).flatMap(Double.init)
      .flatMap { $0 > 0 && (1 / $0).isFinite && $0.isFinite ? $0 : nil } ?? 1e4
    var offsets = [Double](repeating: 0, count: Self.bands.count)
    let pattern = /<(?:BOA|RADIO)_ADD_OFFSET\s+band_id="(\d+)"\s*>\s*(-?[0-9.]+)\s*</.asciiOnlyDigits()
    var isStated = false
    for match in text.matches(of: pattern) {
      guard let id = Int(match.1), Self.bands.indices.contains(id), let value = Double(match.2),
        value.isFinite
      else {
        continue
      }
      offsets[id] = value
      isStated = true
    }
    if !isStated, let baseline = Self.value(of: "PROCESSING_BASELINE", in: text),
      let major = Int(baseline.prefix(2)), major >= 4
    {
      throw RasterError(
        .unsupported, "find scale and offset", path: file,
        cause: "numbers of baseline \(baseline) carry an offset, and it states none")
    }
    let codes = Self.specialValues(in: text)
    return Dictionary(
      uniqueKeysWithValues: zip(Self.bands, offsets).map { band, offset in
        (
          band,
          StatedBand(
            scaling: StoredScaling(scale: 1 / quantum, offset: offset / quantum),
            noData: codes["NODATA"] ?? 0, saturated: codes["SATURATED"] ?? 65535)
        )
      })
  }

  /// Returns how many images the text names, and those that are neither where it says nor beside the file.
  private func images(in text: String) -> (named: Int, missing: [String]) {
    let directory = URL(fileURLWithPath: file).deletingLastPathComponent().path
    let named = text.matches(of: /<IMAGE_FILE>\s*([^<>]*[^<>\s])\s*<\/IMAGE_FILE>/).map { String($0.1) }
    let missing = named.filter { name in
      let last = name.split(separator: "/").last.map(String.init) ?? name
      return ![name, last].contains { place in
        ["jp2", "tif"].contains { FileManager.default.fileExists(atPath: "\(directory)/\(place).\($0)") }
      }
    }
    return (named.count, missing.map { $0 + ".jp2" })
  }

  /// The numbers that stand for something else than reflectance, by what they stand for.
  private static func specialValues(in text: String) -> [String: Double] {
    let pattern =
      /<SPECIAL_VALUE_TEXT>\s*([A-Z]+)\s*<\/SPECIAL_VALUE_TEXT>\s*<SPECIAL_VALUE_INDEX>\s*(\d+)\s*</
      .asciiOnlyDigits()
    return Dictionary(
      text.matches(of: pattern).compactMap { match in Double(match.2).map { (String(match.1), $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Returns the text of the first element of a name.
  private static func value(of element: String, in text: String) -> String? {
    guard let start = text.range(of: "<\(element)"),
      let open = text[start.upperBound...].firstIndex(of: ">"),
      text[start.upperBound..<open].first.map(\.isWhitespace) ?? true
    else { return nil }
    let value = text[text.index(after: open)...].prefix { $0 != "<" }
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return value.isEmpty ? nil : value
  }

  /// The bands by the numbers that the file gives them, as normalised names.
  private static let bands = [
    "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12",
  ]
}
