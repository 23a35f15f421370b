import Archives
import Foundation
import Rasters
import Scenes

/// Describes a raster for `terrane inspect`: grid, bands, no-data, valid share, range.
struct RasterInspection: FileInspection {
  let subject = "a raster"

  func report(on url: URL) throws -> String? {
    var isDirectory: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
    guard isDirectory.boolValue || ArchiveFormat.stem(of: url.lastPathComponent) != nil else {
      return try RasterReport(path: url.path).description
    }
    let scene = try SceneSource(path: url.path)
    return try withExtendedLifetime(scene.hold) {
      try scene.files.map { file in
        let report = try RasterReport(path: scene.unpacked(file)).description
        return report.replacing(file, with: scene.shownPath(of: file))
      }.joined(separator: "\n")
    }
  }
}
