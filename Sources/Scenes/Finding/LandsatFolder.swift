import Rasters

/// The folder of a Landsat product: one file a band beside `<product>_MTL.txt`.
struct LandsatFolder: ProductReader {
  func recognises(_ place: SceneListing) -> Bool { place.names.contains(where: LandsatMetadata.isMetadata) }

  func open(_ place: SceneListing) throws(RasterError) -> SceneSource {
    SceneSource(
      name: place.name, path: place.path, files: try place.rasters(), metadata: LandsatMetadata(in: place))
  }
}
