import Host
import Rasters

/// A scene in a directory with one file a band, of which only the sensor can tell which is which.
struct BandDirectory: ProductReader {
  func recognises(_ place: SceneListing) -> Bool {
    place.entries.contains { SceneListing.isRaster($0.visibleName) }
  }

  func open(_ place: SceneListing) throws(RasterError) -> SceneSource {
    SceneSource(
      name: place.name, path: place.path, files: try place.rasters(),
      product: ([place.name] + place.names).lazy.compactMap(ProductName.init(radarTerrainCorrected:)).first)
  }
}
