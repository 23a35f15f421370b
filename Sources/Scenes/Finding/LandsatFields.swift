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

  /// The groups that describe the product itself: of collection 2, of collection 1, of before them.
  private static let own = [
    "PRODUCT_CONTENTS", "IMAGE_ATTRIBUTES", "PRODUCT_METADATA", "METADATA_FILE_INFO",
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

  /// Returns whether an image that the file names is among these names of ``stem(_:)``, whole or as its band
  /// alone (`b1`); true where it names none.
  func namesImages(among stems: Set<String>) -> Bool {
    let named = groups.values.flatMap { $0.filter { $0.key.hasPrefix("FILE_NAME_BAND_") }.values }
      .map(Self.stem)
    return named.isEmpty
      || named.contains { name in
        stems.contains(name) || stems.contains(name.split(separator: "_").last.map(String.init) ?? name)
      }
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
