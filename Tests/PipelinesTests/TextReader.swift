import Foundation
import Rasters
import Scenes
import Synchronization

/// Takes every file for a scene, and every directory with a file `band.txt`; refuses those of one extension,
/// and counts how often it opens each.
final class TextReader: ProductReader {
  private let refused: String?
  private let counts = Mutex<[String: Int]>([:])

  init(refusing refused: String? = nil) { self.refused = refused }

  /// How often each place was opened, by its name.
  var opened: [String: Int] { counts.withLock { $0 } }

  func recognises(_ place: SceneListing) -> Bool { !place.isDirectory || place.names.contains("band.txt") }

  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    counts.withLock { $0[place.name, default: 0] += 1 }
    let url = URL(fileURLWithPath: place.path)
    if let refused, url.pathExtension == refused {
      throw RasterError(.unreadable, "find the scene", path: place.path, cause: "refused")
    }
    return [
      SceneSource(
        name: url.deletingPathExtension().lastPathComponent, path: place.path,
        files: [place.isDirectory ? place.path + "/band.txt" : place.path])
    ]
  }
}
