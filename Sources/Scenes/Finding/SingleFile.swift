import Foundation
import Rasters

/// A scene in one file of all bands.
struct SingleFile: ProductReader {
  /// Recognises any file: one that the user names is a scene whatever it is called, and opening it will say
  /// what it is.
  func recognises(_ place: SceneListing) -> Bool {
    !place.isDirectory && (place.isNamed || SceneListing.isRaster(place.name))
  }

  /// Returns the scene of the file. The image of a band in a product of Sentinel-2 or Landsat has the
  /// product's metadata and masks, without which its numbers would be read by another rule.
  ///
  /// - Throws: what looking for those beside it throws.
  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    var product = try Self.sentinel2(place.path)
    if product == nil { product = try Self.landsat(place) }
    return [
      SceneSource(
        name: URL(fileURLWithPath: place.path).deletingPathExtension().lastPathComponent, path: place.path,
        files: [place.path], bands: product.map { [$0.band] } ?? [], masks: product?.masks ?? [],
        metadata: product?.metadata,
        product: ProductName(radarTerrainCorrected: place.name) ?? ProductName(aerial: place.name),
        refusal: SAFEFolder.refusal(of: place.path))
    ]
  }

  private typealias Image = (band: BandAsset, masks: [MaskAsset], metadata: any ProductMetadata)

  /// Returns what is known of an image of Sentinel-2; nil of another file.
  private static func sentinel2(_ path: String) throws(RasterError) -> Image? {
    guard let band = SAFEFolder.band(in: path), Sensor.sentinel2L1C.bandIndex(matching: band.name) != nil
    else {
      return nil
    }
    let named: (any ProductMetadata)? = Sentinel2Metadata(around: path) ?? Sentinel2Images(among: [band])
    guard let named else { return nil }
    return (band, try SAFEFolder.masks(ofGranuleAround: path) ?? [], named)
  }

  /// Returns what is known of an image of Landsat that bears its product's name; nil of another file.
  private static func landsat(_ place: SceneListing) throws(RasterError) -> Image? {
    guard let product = LandsatImages.product(ofImage: place.name).map(String.init),
      let band = LandsatFolder.band(place.path), let named = LandsatImages(among: [place.name])
    else { return nil }
    let folder = URL(fileURLWithPath: place.path).deletingLastPathComponent().path
    let beside = try SceneListing(path: folder, isDirectory: true, isNamed: false)
    let masks = beside.names.filter { $0.hasPrefix(product) }
      .compactMap { LandsatFolder.mask("\(folder)/\($0)") }
    return (band, masks, LandsatMetadata(in: beside, of: product) ?? named)
  }
}
