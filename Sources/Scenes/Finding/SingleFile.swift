import Foundation
import Rasters

/// A scene in one file of all bands.
struct SingleFile: ProductReader {
  /// Recognises any file: one that the user names is a scene whatever it is called, and opening it will say
  /// what it is.
  func recognises(_ place: SceneListing) -> Bool {
    !place.isDirectory && (place.isNamed || SceneListing.isRaster(place.name))
  }

  /// Returns the scene of the file. The image of a band in a Sentinel-2 product has the product's metadata,
  /// without which its numbers would be read by another rule.
  func open(_ place: SceneListing) -> [SceneSource]? {
    let band = SAFEFolder.band(in: place.path).map { [$0] } ?? []
    let isOfProduct = band.contains { Sensor.sentinel2L1C.bandIndex(matching: $0.name) != nil }
    let metadata = isOfProduct ? Sentinel2Metadata(around: place.path) : nil
    return [
      SceneSource(
        name: URL(fileURLWithPath: place.path).deletingPathExtension().lastPathComponent, path: place.path,
        files: [place.path], bands: metadata == nil ? [] : band, metadata: metadata,
        product: ProductName(radarTerrainCorrected: place.name), refusal: SAFEFolder.refusal(of: place.path))
    ]
  }
}
