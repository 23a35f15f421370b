import Foundation

/// A path that is checked before GDAL sees it.
///
/// GDAL reads a file name as an address too: `/vsicurl/http://…`, `GTIFF_DIR:2:a.tif`, a whole VRT as text.
/// Here a name is a regular file on this machine or it is refused.
enum InputPath {
  /// The extensions by which rasters are found in a directory, lower case.
  static let rasterExtensions: Set<String> = ["tif", "tiff", "gtif", "gtiff", "jp2", "png", "jpg", "jpeg"]
  /// The extensions of vector labels, lower case.
  static let vectorExtensions: Set<String> = ["gpkg", "geojson", "json", "shp"]

  /// The absolute form of the path of an existing regular file.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput`, naming the path as given.
  static func checkedFile(_ path: String, to attempted: String) throws(RasterError) -> String {
    try refuseVirtual(path, to: attempted)
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code: RasterError.Code = errno == ENOENT || errno == ENOTDIR ? .notFound : .inputOutput
      throw RasterError(code, attempted, path: path, cause: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RasterError(.refusedPath, attempted, path: path, cause: "not a regular file")
    }
    // An absolute path starts with "/", so no driver prefix such as "GTIFF_DIR:" can be read into it.
    return URL(fileURLWithPath: path).path
  }

  /// Refuses what GDAL would take for something else than a file of this machine.
  static func refuseVirtual(_ path: String, to attempted: String) throws(RasterError) {
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
  static func checkInside(_ directory: String, _ path: String) throws(RasterError) {
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
}
