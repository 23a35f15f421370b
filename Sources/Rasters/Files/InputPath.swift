import CGDAL
import Foundation
import Host

/// A path that is checked before GDAL sees it.
///
/// GDAL reads a file name as an address too: `/vsicurl/http://…`, `GTIFF_DIR:2:a.tif`, a whole VRT as text.
/// Here a name is a regular file on this machine or it is refused.
package enum InputPath {
  /// The extensions by which rasters are found in a directory, lower case.
  package static let rasterExtensions: Set<String> = [
    "tif", "tiff", "gtif", "gtiff", "jp2", "png", "jpg", "jpeg",
  ]
  /// The extensions of vector labels, lower case.
  static let vectorExtensions: Set<String> = ["gpkg", "geojson", "json", "shp"]

  /// Returns the absolute form of the path of an existing regular file.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput`, naming the path as given.
  package static func checkedFile(_ path: String, to attempted: String) throws(RasterError) -> String {
    try refuseVirtual(path, to: attempted)
    do throws(SystemError) { try RegularFile.check(path) } catch { throw RasterError(error, attempted) }
    // An absolute path starts with "/", so no driver prefix such as "GTIFF_DIR:" can be read into it.
    return URL(fileURLWithPath: path).path
  }

  /// Returns whether there is anything of this name, a link that leads nowhere included.
  package static func isThere(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Checks a file that is read because it lies beside another: a regular file, and no link out of its
  /// directory.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput`, naming the path.
  package static func checkCompanion(_ path: String, to attempted: String) throws(RasterError) {
    try checkInside(URL(fileURLWithPath: path).deletingLastPathComponent().path, path)
    do throws(SystemError) { try RegularFile.check(path) } catch { throw RasterError(error, attempted) }
  }

  /// Refuses what GDAL would take for something else than a file of this machine.
  package static func refuseVirtual(_ path: String, to attempted: String) throws(RasterError) {
    let reason: String? =
      if path.isEmpty { "an empty path" }  //
      else if path.hasPrefix("/vsi") || path.hasPrefix("\\\\") { "a virtual path" }  //
      else if path.contains("://") { "an address" }  //
      else if path.contains("<") { "markup instead of a path" }  //
      else if path.utf8.contains(0) { "a path with a NUL" }  //
      else { nil }
    if let reason { throw RasterError(.refusedPath, attempted, path: path, cause: "\(reason) is refused") }
  }

  /// Checks that a file found in a directory is not a link out of it.
  package static func checkInside(_ directory: String, _ path: String) throws(RasterError) {
    guard let root = realpath(directory, nil), let target = realpath(path, nil) else {
      throw RasterError(
        .notFound, "follow the path", path: path, cause: String(cString: strerror(errno)))
    }
    defer {
      free(root)
      free(target)
    }
    let rootPath = String(cString: root)
    let prefix = rootPath == "/" ? "/" : rootPath + "/"
    guard String(cString: target).hasPrefix(prefix) else {
      throw RasterError(.refusedPath, "read the file", path: path, cause: "a link that leaves \(directory)")
    }
  }

  /// Returns the names in a directory, sorted by their bytes.
  ///
  /// - Throws: `notFound` or `inputOutput` naming the directory and the system's reason.
  package static func names(in directory: String) throws(RasterError) -> [String] {
    do throws(SystemError) { return try DirectoryListing.names(in: directory) } catch {
      throw RasterError(error, "list the directory")
    }
  }
}
