import Foundation
import Rasters

/// The folder of a Sentinel product, `X.SAFE`, with its images some levels below; or a directory to which the
/// images and the metadata file of a Sentinel-2 product were copied.
struct SAFEFolder: ProductReader {
  func recognises(_ place: SceneListing) -> Bool {
    place.isDirectory
      && (Self.isInProduct(place.path) || Self.isLevel(place.path)
        || place.names.contains(where: Sentinel2Metadata.names.contains)
        || Sentinel2Images.areOfOne(place.names))
  }

  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    let isProduct =
      Self.isInProduct(place.path) || place.names.contains(where: Sentinel2Metadata.names.contains)
    let files = try place.rasters { directory, name in
      isProduct && ["GRANULE", "IMG_DATA", "measurement"].contains(name) || Self.isLevel(directory)
    }
    let name = place.name
    let bands = files.compactMap(Self.band)
    let metadata: (any ProductMetadata)? =
      Sentinel2Metadata(in: place) ?? Sentinel2Metadata(around: place.path) ?? Sentinel2Images(among: bands)
    return [
      SceneSource(
        name: name.lowercased().hasSuffix(".safe") ? String(name.dropLast(5)) : name, path: place.path,
        files: files, bands: bands, masks: try Self.masks(of: bands, below: place, isProduct: isProduct),
        metadata: metadata, refusal: Self.refusal(of: place.path))
    ]
  }

  /// Returns whether a path is the folder of a product, or lies in one.
  private static func isInProduct(_ path: String) -> Bool {
    path.split(separator: "/").contains { $0.lowercased().hasSuffix(".safe") }
  }

  /// Returns the masks of the images at a place: those that lie below it, or of a part of a product those of
  /// its granule.
  private static func masks(
    of bands: [BandAsset], below place: SceneListing, isProduct: Bool
  ) throws(RasterError) -> [MaskAsset] {
    if let classes = sceneClasses(among: bands) { return [MaskAsset(classes, .sentinel2Classes)] }
    if let own = try masks(ofGranuleAround: place.path) { return own }
    guard isProduct else { return [] }
    return cloudClasses(
      among: try place.rasters { directory, name in
        ["GRANULE", "QI_DATA"].contains(name) || isLevel(directory)
      })
  }

  /// Returns the masks of the granule that a path lies in, `.../X.SAFE/GRANULE/L2A_.../IMG_DATA/R10m`; nil
  /// where it lies in none.
  static func masks(ofGranuleAround path: String) throws(RasterError) -> [MaskAsset]? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let place = parts.lastIndex(of: "GRANULE"), parts.indices.contains(place + 1) else { return nil }
    let granule = parts[...(place + 1)].joined(separator: "/")
    let files = try SceneListing(path: granule, isDirectory: true, isNamed: false).rasters {
      directory, name in
      ["IMG_DATA", "QI_DATA"].contains(name) || isLevel(directory)
    }
    let classes = sceneClasses(among: files.compactMap(band))
    return classes.map { [MaskAsset($0, .sentinel2Classes)] } ?? cloudClasses(among: files)
  }

  /// Returns the scene classification of level 2A, the finest there is.
  private static func sceneClasses(among bands: [BandAsset]) -> String? {
    bands.filter { $0.name == "SCL" }.min { ($0.metres ?? 0) < ($1.metres ?? 0) }?.file
  }

  /// Returns the classes of clouds and snow that level 1C has since baseline 04.00.
  private static func cloudClasses(among files: [String]) -> [MaskAsset] {
    guard let file = files.first(where: { $0.hasSuffix("/MSK_CLASSI_B00.jp2") }) else { return [] }
    return [(1, MaskWords.cloud), (2, .cirrus), (3, .snow)].map { MaskAsset(file, index: $0.0, .flag($0.1)) }
  }

  /// Returns the refusal of a Sentinel-1 product in the geometry of the radar, or of what lies in it; nil
  /// elsewhere.
  static func refusal(of path: String) -> RasterError? {
    guard isInProduct(path),
      let match = path.firstMatch(
        of: /S1[A-D]_[A-Z0-9]{2}_(GRD|SLC)[A-Z_]?_[^\/]*\.(?:SAFE|safe)(\/measurement(\/|$)|$)/)
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
