import Foundation
import Rasters

/// The fields of a Landsat metadata file: lines of `KEY = VALUE` in groups, which hold groups.
///
/// One key may stand in several groups: of a product of level 2 the file describes that of level 1 as well.
struct LandsatFields {
  /// Values without quotes by key, by group; of a repeated key the first.
  private var groups: [String: [String: String]] = [:]

  init(_ text: String) {
    var open: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let (key, value) = (Self.trimmed(parts[0]), Self.trimmed(parts[1]))
      switch key {
      case "GROUP": open.append(value)
      case "END_GROUP": _ = open.popLast()
      default: groups[open.last ?? "", default: [:]].merge([key: value]) { first, _ in first }
      }
    }
  }

  /// Returns a value of the first of these groups that has it; nil where none does, or it is `NULL`.
  private func value(_ key: String, in names: [String]) -> String? {
    names.lazy.compactMap { groups[$0]?[key] }.first { $0 != "NULL" }
  }

  /// Returns a finite number.
  private func number(_ key: String, in names: [String]) -> Double? {
    value(key, in: names).flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
  }

  private static func trimmed(_ text: Substring) -> String {
    text.trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\0\""))
  }

  // MARK: - What the product is

  /// The groups that describe the product itself: of collection 2, of collection 1, of before them; and
  /// no group.
  private static let own = [
    "PRODUCT_CONTENTS", "IMAGE_ATTRIBUTES", "PRODUCT_METADATA", "METADATA_FILE_INFO", "",
  ]

  /// The satellite, level and collection; nil where the file does not state them.
  var product: ProductName? {
    let type = value("PROCESSING_LEVEL", in: Self.own) ?? value("DATA_TYPE", in: Self.own)
    guard let satellite = value("SPACECRAFT_ID", in: Self.own)?.last,
      let type = type?.firstMatch(of: /^L([12])/)
    else { return nil }
    let collection = value("COLLECTION_NUMBER", in: Self.own).flatMap(Int.init)
    return ProductName(
      landsat: Substring(String(satellite)), level: type.1, collection: collection,
      isScanner: value("SENSOR_ID", in: Self.own) == "MSS")
  }

  /// The product that surface reflectance on demand of it is: of the satellite, times 10,000.
  var productOnDemand: ProductName? {
    guard let satellite = value("SPACECRAFT_ID", in: Self.own)?.last else { return nil }
    return ProductName(landsatOnDemand: Substring(String(satellite)))
  }

  /// The day that the scene shows.
  var day: Day? { value("DATE_ACQUIRED", in: Self.own + groups.keys.sorted()).flatMap { Day($0) } }

  /// The description of the product, without its files.
  var delivery: Delivery {
    var delivery = Delivery(product: product)
    delivery.day = day
    delivery.platform = value("SPACECRAFT_ID", in: Self.own).map { satellite in
      "Landsat \(satellite.filter(\.isNumber))"
    }
    if let day = value("DATE_ACQUIRED", in: Self.own), let time = value("SCENE_CENTER_TIME", in: Self.own) {
      delivery.time = "\(day)T\(time.prefix(8))Z"
    }
    if let path = number("WRS_PATH", in: Self.own), let row = number("WRS_ROW", in: Self.own) {
      delivery.ground = String(format: "%03.0f%03.0f", path, row)
    } else {
      delivery.ground = value("LANDSAT_PRODUCT_ID", in: Self.own).flatMap(Delivery.landsatGround)
    }
    delivery.version = value("COLLECTION_NUMBER", in: Self.own).flatMap(Int.init).map(String.init)
    // Minus one where nobody has looked.
    delivery.cloudShare = number("CLOUD_COVER", in: Self.own).flatMap { $0 < 0 ? nil : $0 / 100 }
    return delivery
  }

  /// The images of bands that the file names.
  private var images: [String] {
    groups.values.flatMap { $0.filter { $0.key.hasPrefix("FILE_NAME_BAND_") }.values }
  }

  /// Returns how many images of bands the file names, and those of which no name is among these of
  /// ``stem(_:)``.
  func files(among stems: Set<String>) -> (named: Int, missing: [String]) {
    let images = Set(images)
    return (
      images.count, images.filter { !Self.isThere(Self.stem($0), among: stems) }.sorted()
    )
  }

  /// Returns whether an image is there by its whole name, or by its band alone (`b1`).
  private static func isThere(_ name: String, among stems: Set<String>) -> Bool {
    stems.contains(name) || stems.contains(name.split(separator: "_").last.map(String.init) ?? name)
  }

  /// Returns whether an image that the file names is among these names of ``stem(_:)``, whole or as its band
  /// alone (`b1`); true where it names none.
  func namesImages(among stems: Set<String>) -> Bool {
    let images = images
    return images.isEmpty || images.contains { Self.isThere(Self.stem($0), among: stems) }
  }

  /// Returns a file's name in lower case and without its extension.
  static func stem(_ name: String) -> String {
    URL(fileURLWithPath: name).deletingPathExtension().lastPathComponent.lowercased()
  }

  // MARK: - What its numbers mean

  private static let rescaling = ["LEVEL1_RADIOMETRIC_RESCALING", "RADIOMETRIC_RESCALING"]

  /// Returns the scalings of stored numbers to reflectance at the top of the atmosphere, by band, for the
  /// height of the sun in the middle of the scene.
  ///
  /// Reflectance is (M DN + A) / sin(e) with the M and A of reflectance; where only those of radiance are
  /// stated, it is pi (M DN + A) d^2 / (ESUN sin(e)), d the distance of the sun in astronomical units.
  ///
  /// - Source: USGS Landsat 7 Data Users Handbook, 11.3; ESUN of TM and ETM+ of Chander et al. 2009,
  ///   doi:10.1016/j.rse.2009.01.007, table 4.
  /// - Parameter day: the day of the scene, which tells the distance where the file does not.
  /// - Throws: `unsupported` naming the file, where it lacks the sun's elevation or any band's numbers.
  func reflectance(day: Day?, file: String) throws(RasterError) -> [String: StoredScaling] {
    func missing(_ what: String) -> RasterError {
      RasterError(.unsupported, "find scale and offset", path: file, cause: what)
    }
    guard let elevation = number("SUN_ELEVATION", in: Self.own) else {
      throw missing("it states no SUN_ELEVATION")
    }
    guard elevation > 0 else {
      throw missing("the sun is not above the horizon (SUN_ELEVATION \(elevation))")
    }
    let sine = sin(elevation * .pi / 180)
    var scalings: [String: StoredScaling] = [:]
    for band in 1...9 {
      if let scale = number("REFLECTANCE_MULT_BAND_\(band)", in: Self.rescaling),
        let offset = number("REFLECTANCE_ADD_BAND_\(band)", in: Self.rescaling)
      {
        scalings["B\(band)"] = StoredScaling(scale: scale / sine, offset: offset / sine)
      }
    }
    guard scalings.isEmpty else { return scalings }
    guard let irradiance = solarIrradiance,
      let distance = number("EARTH_SUN_DISTANCE", in: Self.own) ?? day.map(Self.distanceOfSun)
    else { throw missing("it states no REFLECTANCE_MULT_BAND, and no satellite and day to find it by") }
    for (band, irradiance) in irradiance {
      guard let scale = number("RADIANCE_MULT_BAND_\(band)", in: Self.rescaling),
        let offset = number("RADIANCE_ADD_BAND_\(band)", in: Self.rescaling)
      else { continue }
      let factor = Double.pi * distance * distance / (irradiance * sine)
      scalings["B\(band)"] = StoredScaling(scale: scale * factor, offset: offset * factor)
    }
    guard !scalings.isEmpty else {
      throw missing("it states neither REFLECTANCE_MULT_BAND nor RADIANCE_MULT_BAND")
    }
    return scalings
  }

  /// The number of pixels that were too bright: the largest of the stored type.
  var saturated: Double {
    let largest = (1...9).compactMap { number("QUANTIZE_CAL_MAX_BAND_\($0)", in: Self.quantized) }.max()
    return largest ?? (value("SENSOR_ID", in: Self.own)?.hasPrefix("OLI") == true ? 65535 : 255)
  }

  private static let quantized = ["LEVEL1_MIN_MAX_PIXEL_VALUE", "MIN_MAX_PIXEL_VALUE"]

  /// The irradiance of the sun in the bands of TM and ETM+, in W m^-2 um^-1; nil for other instruments.
  private var solarIrradiance: [Int: Double]? {
    switch value("SENSOR_ID", in: Self.own) {
    case "TM" where value("SPACECRAFT_ID", in: Self.own)?.hasSuffix("4") == true:
      [1: 1983, 2: 1795, 3: 1539, 4: 1028, 5: 219.8, 7: 83.49]
    case "TM": [1: 1983, 2: 1796, 3: 1536, 4: 1031, 5: 220, 7: 83.44]
    case "ETM", "ETM+": [1: 1997, 2: 1812, 3: 1533, 4: 1039, 5: 230.8, 7: 84.9, 8: 1362]
    default: nil
    }
  }

  /// Returns the distance of the sun on a day in astronomical units, to about 0.0003.
  private static func distanceOfSun(_ day: Day) -> Double {
    1 - 0.01672 * cos(0.9856 * Double(day.ofYear - 4) * .pi / 180)
  }
}
