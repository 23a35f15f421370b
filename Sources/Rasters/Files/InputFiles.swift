import CGDAL
import Foundation

/// The files that decide what is read from a path: a key must cover the contents of all of them.
public enum InputFiles {
  /// The files behind one file, itself first: the parts of a shapefile, and where VRTs are allowed what a VRT names.
  ///
  /// A VRT that cannot be opened is one file; reading it will say why.
  public static func behind(_ path: String) -> [String] {
    if URL(fileURLWithPath: path).pathExtension.lowercased() == "shp" {
      return [path] + shapefileParts(of: path)
    }
    guard GDALLibrary.allowsVRT, Dataset.looksLikeVRT(path) else { return [path] }
    var files = [path]
    var seen = Set([URL(fileURLWithPath: path).path])
    var next = 0
    while next < files.count {
      for named in namedByVRT(files[next]) where seen.insert(named).inserted { files.append(named) }
      next += 1
    }
    return files
  }

  /// Attributes, index, CRS and encoding lie in files beside the shapes.
  private static func shapefileParts(of path: String) -> [String] {
    let url = URL(fileURLWithPath: path)
    let directory = url.deletingLastPathComponent()
    let stem = url.deletingPathExtension().lastPathComponent
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return entries.sorted().map { directory.appendingPathComponent($0) }.filter { other in
      ["dbf", "shx", "prj", "cpg"].contains(other.pathExtension.lowercased())
        && other.deletingPathExtension().lastPathComponent == stem
    }.map(\.path)
  }

  /// The sources of a VRT that are files here.
  private static func namedByVRT(_ path: String) -> [String] {
    guard Dataset.looksLikeVRT(path),
      let dataset = try? Dataset.open(
        path, flags: GDAL_OF_RASTER | GDAL_OF_READONLY, drivers: ["VRT"], attempted: "open the VRT")
    else { return [] }
    guard let list = GDALGetFileList(dataset.handle) else { return [] }
    defer { CSLDestroy(list) }
    return StringList.strings(of: list).map { URL(fileURLWithPath: $0).path }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }
}
