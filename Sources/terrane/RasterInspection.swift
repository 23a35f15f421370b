import Foundation
import Rasters
import Scenes

/// Describes a raster for `terrane inspect`: grid, bands, no-data, valid share, range.
struct RasterInspection: FileInspection {
  let subject = "a raster"

  func report(on url: URL) throws -> String? {
    var isDirectory: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
    guard isDirectory.boolValue else { return try RasterReport(path: url.path).description }
    return try SceneSource(path: url.path).files.map { try RasterReport(path: $0).description }.joined(
      separator: "\n")
  }
}
