import CGDAL
import Foundation
import Host

/// The files that decide what is read from a path: a key must cover the contents of all of them.
public enum InputFiles {
  /// Returns the files behind one file, itself first: its mask, the parts of a shapefile, what SQLite has not
  /// yet written into a GeoPackage, and where VRTs are allowed what a VRT names.
  ///
  /// A VRT that cannot be opened is one file; reading it will say why.
  ///
  /// - Throws: `inputOutput` where the directory of a shapefile cannot be listed.
  public static func behind(_ path: String) throws(RasterError) -> [String] {
    var files = [path]
    var seen = Set([URL(fileURLWithPath: path).path])
    var next = 0
    while next < files.count {
      let file = files[next]
      for other in try mask(of: file) + shapefileParts(of: file) + GeoPackage.pending(of: file)
        + namedByVRT(file)
      where seen.insert(other).inserted { files.append(other) }
      next += 1
    }
    return files
  }

  /// Refuses the files that GDAL opens together with a vector file, the parts of a shapefile and the journals
  /// of a GeoPackage, where one of them is no regular file.
  static func checkParts(of path: String, to attempted: String) throws(RasterError) {
    let absolute = URL(fileURLWithPath: path).path
    let journals = ["-wal", "-journal", "-shm"].map { absolute + $0 }.filter(InputPath.isThere)
    for part in try shapefileParts(of: absolute) + journals {
      do throws(SystemError) { try RegularFile.check(part) } catch { throw RasterError(error, attempted) }
    }
  }

  /// Returns the mask beside a raster, which decides which pixels are valid.
  private static func mask(of path: String) throws(RasterError) -> [String] {
    let mask = URL(fileURLWithPath: path).path + ".msk"
    var status = stat()
    if lstat(mask, &status) == 0 { return [mask] }
    if errno == ENOENT || errno == ENOTDIR { return [] }
    throw RasterError(.inputOutput, "find the mask", path: mask, cause: String(cString: strerror(errno)))
  }

  /// Returns the files beside the shapes of a shapefile, which hold attributes, index, CRS and encoding.
  private static func shapefileParts(of path: String) throws(RasterError) -> [String] {
    let url = URL(fileURLWithPath: path)
    guard url.pathExtension.lowercased() == "shp" else { return [] }
    let directory = url.deletingLastPathComponent()
    let stem = url.deletingPathExtension().lastPathComponent
    guard InputPath.isThere(path) else { return [] }
    let entries = try InputPath.names(in: directory.path)
    return entries.map { directory.appendingPathComponent($0) }.filter { other in
      ["dbf", "shx", "prj", "cpg"].contains(other.pathExtension.lowercased())
        && other.deletingPathExtension().lastPathComponent == stem
    }.map(\.path)
  }

  /// Returns the sources of a VRT that are files here.
  private static func namedByVRT(_ path: String) -> [String] {
    guard GDALLibrary.allowsVRT, Dataset.looksLikeVRT(path),
      let dataset = try? Dataset.open(
        path, flags: GDAL_OF_RASTER | GDAL_OF_READONLY, drivers: ["VRT"], attempted: "open the VRT")
    else { return [] }
    guard let list = GDALGetFileList(dataset.handle) else { return [] }
    defer { CSLDestroy(list) }
    return StringList.strings(of: list).map { URL(fileURLWithPath: $0).path }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }
}
