import Foundation
import Rasters

/// A scene in one file of all bands.
struct SingleFile: ProductReader {
  /// Recognises any file: one that the user names is a scene whatever it is called, and opening it will say
  /// what it is.
  func recognises(_ place: SceneListing) -> Bool {
    !place.isDirectory && (place.isNamed || SceneListing.isRaster(place.name))
  }

  func open(_ place: SceneListing) -> SceneSource {
    SceneSource(
      name: URL(fileURLWithPath: place.path).deletingPathExtension().lastPathComponent, path: place.path,
      files: [place.path])
  }
}
