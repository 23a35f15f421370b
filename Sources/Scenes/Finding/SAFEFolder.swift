import Foundation
import Rasters

/// The folder of a Sentinel product, `X.SAFE`, with its images some levels below; or a directory to which the
/// images and the metadata file of a Sentinel-2 product were copied.
struct SAFEFolder: ProductReader {
  func recognises(_ place: SceneListing) -> Bool {
    place.isDirectory
      && (place.path.contains(".SAFE") || Self.isLevel(place.path)
        || place.names.contains(where: Sentinel2Metadata.names.contains))
  }

  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    let files = try place.rasters { directory, name in
      let isProduct = directory.contains(".SAFE") && ["GRANULE", "IMG_DATA", "measurement"].contains(name)
      return isProduct || Self.isLevel(directory)
    }
    let name = place.name
    let bands = files.compactMap(Self.band)
    return [
      SceneSource(
        name: name.hasSuffix(".SAFE") ? String(name.dropLast(5)) : name, path: place.path, files: files,
        bands: bands, masks: try masks(of: place, bands),
        metadata: Sentinel2Metadata(in: place) ?? Sentinel2Metadata(around: place.path),
        refusal: Self.refusal(of: place.path))
    ]
  }

  /// Returns the scene classification of level 2A, the finest there is; of level 1C, which has none, the
  /// classes of clouds and snow that it has since baseline 04.00.
  private func masks(of place: SceneListing, _ bands: [BandAsset]) throws(RasterError) -> [MaskAsset] {
    let classes = bands.filter { $0.name == "SCL" }.min { ($0.metres ?? 0) < ($1.metres ?? 0) }
    if let classes { return [MaskAsset(classes.file, .sentinel2Classes)] }
    guard place.path.contains(".SAFE") else { return [] }
    let quality = try place.rasters { _, name in
      ["GRANULE", "QI_DATA"].contains(name) || Self.isLevel(place.path) || name.hasPrefix("L1C_")
    }
    guard let file = quality.first(where: { $0.hasSuffix("/MSK_CLASSI_B00.jp2") }) else { return [] }
    return [(1, MaskWords.cloud), (2, .cirrus), (3, .snow)].map { MaskAsset(file, index: $0.0, .flag($0.1)) }
  }

  /// Returns the refusal of a Sentinel-1 product in the geometry of the radar, or of what lies in it; nil
  /// elsewhere.
  static func refusal(of path: String) -> RasterError? {
    guard path.contains(".SAFE"),
      let match = path.firstMatch(
        of: /S1[A-D]_[A-Z0-9]{2}_(GRD|SLC)[A-Z_]?_[^\/]*\.SAFE(\/measurement(\/|$)|$)/)
    else { return nil }
    let remedy =
      match.1 == "GRD" ? "Add the stage sar-correction with a DEM" : "Take GRD with the stage sar-correction"
    return RasterError(
      .unsupported, "read the scene", path: path,
      cause:
        "Sentinel-1 \(match.1) in radar geometry: no map coordinates. \(remedy), or use RTC products "
        + "('sensor: \(Sensor.sentinel1RTC.name)')")
  }

  /// Returns whether all directories in one belong to the product: each granule, each resolution.
  private static func isLevel(_ path: String) -> Bool {
    path.hasSuffix("GRANULE") || path.hasSuffix("IMG_DATA")
  }

  /// Reads the band from the name of an image: `T32TQM_20170104T101402_B02_10m.jp2` of level 2A,
  /// `T32TQM_20170104T101402_B02.jp2` of level 1C.
  static func band(in file: String) -> BandAsset? {
    var words = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent.split(separator: "_")
    let metres = words.last.flatMap { word in
      [10, 20, 60].first { word == "\($0)m" }
    }
    if metres != nil { words.removeLast() }
    guard words.count > 1, let name = words.last, name.count == 3,
      name.allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber) })
    else { return nil }
    return BandAsset(name: String(name), file: file, metres: metres)
  }
}
