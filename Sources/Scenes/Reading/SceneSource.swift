import Foundation
import Host
import Rasters

/// Where a scene lies on disk: one multi-band file, or a directory with one file a band.
public struct SceneSource: Sendable, Hashable, CustomStringConvertible {
  /// The name that products carry, unique among the scenes found together.
  public let name: String
  /// The file, or the directory.
  public let path: String
  /// The rasters: the file itself, or the files of the directory in the order of their names.
  public let files: [String]
  /// The files beside the rasters that decide their values or their day: the metadata of a Sentinel-2 or
  /// Landsat product, what VRTs name.
  ///
  /// - Throws: what ``InputFiles/behind(_:)`` throws; `notFound` or `inputOutput` where the directory cannot
  ///   be listed.
  public var companions: [String] {
    get throws(RasterError) {
      var companions = try metadataFiles
      for file in files { companions += try InputFiles.behind(file).dropFirst() }
      return companions
    }
  }
  /// Whether the scene is a directory.
  public var isDirectory: Bool { files != [path] }

  /// Creates a source from its parts; nothing is checked.
  public init(name: String, path: String, files: [String]) {
    self.name = name
    self.path = path
    self.files = files
  }

  /// The scene at a path that the user named.
  ///
  /// - Throws: `notFound`, `refusedPath`, or `unreadable` for a directory without rasters.
  public init(path: String) throws(RasterError) {
    try InputPath.refuseVirtual(path, to: "find the scene")
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw RasterError(.notFound, "find the scene", path: path, cause: "no such file or directory")
    }
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if isDirectory.boolValue {
      try self.init(directory: trimmed)
    } else {
      self.init(name: Self.stem(of: trimmed), path: trimmed, files: [trimmed])
    }
  }

  private init(directory: String) throws(RasterError) {
    let files = try Self.rasterFiles(of: directory)
    guard !files.isEmpty else {
      throw RasterError(
        .unreadable, "find the scene", path: directory, cause: "no raster file in the directory")
    }
    let name = URL(fileURLWithPath: directory).lastPathComponent
    self.init(
      name: name.hasSuffix(".SAFE") ? String(name.dropLast(5)) : name, path: directory, files: files)
  }

  /// The scenes of a directory and the entries that are refused.
  public struct Discovery: Sendable, Hashable {
    /// The scenes, by name.
    public let scenes: [SceneSource]
    /// Why an entry is no scene although it looks like one; each names its path.
    public let refused: [RasterError]
  }

  /// Finds the scenes of a directory: each raster file, and each sub-directory that holds rasters.
  ///
  /// Hidden entries, temporary files and side-cars are passed over. Where two entries would have the same
  /// name, ``SceneNames`` tells them apart.
  ///
  /// - Throws: `notFound` or `inputOutput` where the directory itself cannot be listed.
  public static func survey(_ directory: String) throws(RasterError) -> Discovery {
    var found: [SceneSource] = []
    var refused: [RasterError] = []
    for entry in try entries(of: directory) {
      guard let name = entry.name else {
        if isScene(entry, in: directory) { refused.append(unnamed(entry, in: directory)) }
        continue
      }
      let path = directory + "/" + name
      do throws(RasterError) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
          guard isRaster(name) else { continue }
          throw RasterError(.notFound, "follow the link", path: path, cause: "it leads nowhere")
        }
        if isDirectory.boolValue {
          try InputPath.checkInside(directory, path)
          if try !rasterFiles(of: path).isEmpty { found.append(try SceneSource(directory: path)) }
        } else if isRaster(name) {
          try InputPath.checkInside(directory, path)
          _ = try InputPath.checkedFile(path, to: "open the raster")
          found.append(SceneSource(name: stem(of: path), path: path, files: [path]))
        }
      } catch {
        refused.append(error)
      }
    }
    return Discovery(scenes: named(apart: found), refused: refused)
  }

  /// "name (path)".
  public var description: String { "\(name) (\(path))" }

  /// The rasters of a scene directory; those of a product folder (`.SAFE`) lie deeper.
  private static func rasterFiles(of directory: String) throws(RasterError) -> [String] {
    var files: [String] = []
    for entry in try entries(of: directory) {
      guard let name = entry.name else {
        if isRaster(entry.visibleName) { throw unnamed(entry, in: directory) }
        continue
      }
      let path = directory + "/" + name
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      if isDirectory.boolValue {
        let isProduct = directory.contains(".SAFE") && ["GRANULE", "IMG_DATA", "measurement"].contains(name)
        let isLevel = directory.hasSuffix("GRANULE") || directory.hasSuffix("IMG_DATA")
        guard isProduct || isLevel else { continue }
        try InputPath.checkInside(directory, path)
        files += try rasterFiles(of: path)
      } else if isRaster(name) {
        try InputPath.checkInside(directory, path)
        _ = try InputPath.checkedFile(path, to: "open the raster")
        files.append(path)
      }
    }
    return files
  }

  /// The entries that are not hidden, sorted by name.
  private static func entries(of directory: String) throws(RasterError) -> [DirectoryEntry] {
    try InputPath.refuseVirtual(directory, to: "list the scenes")
    do throws(SystemError) {
      return try DirectoryEntry.all(in: directory).filter { $0.bytes.first != UInt8(ascii: ".") }
        .sorted { ($0.name ?? $0.visibleName) < ($1.name ?? $1.visibleName) }
    } catch {
      throw RasterError(error, "list the scenes")
    }
  }

  /// Whether an entry that has no name as text would be a scene: a raster, or a directory that holds one.
  private static func isScene(_ entry: DirectoryEntry, in directory: String) -> Bool {
    guard entry.isDirectory(in: directory) else { return isRaster(entry.visibleName) }
    return ((try? entry.entries(in: directory)) ?? []).contains { isRaster($0.visibleName) }
  }

  private static func unnamed(_ entry: DirectoryEntry, in directory: String) -> RasterError {
    RasterError(
      .refusedPath, "read the scene", path: directory + "/" + entry.visibleName,
      cause: "its name is not UTF-8; rename it")
  }

  private static func isRaster(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
    return InputPath.rasterExtensions.contains(name[name.index(after: dot)...].lowercased())
  }

  private static func stem(of path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }

  private static func named(apart scenes: [SceneSource]) -> [SceneSource] {
    let names = SceneNames.apart(scenes.map { ($0.name, $0.path, $0.isDirectory) })
    return zip(scenes, names).map { SceneSource(name: $1, path: $0.path, files: $0.files) }
      .sorted { ($0.name, $0.path) < ($1.name, $1.path) }
  }
}
