import Foundation
import Host
import Rasters

/// A place where a scene may lie: a path, and where it is a directory the names in it, listed once for all
/// readers.
public struct SceneListing: Sendable {
  /// The file or directory, without a slash at the end.
  public let path: String
  /// Whether it is a directory.
  public let isDirectory: Bool
  /// Whether the user named the path, rather than a directory of scenes that it lies in.
  public let isNamed: Bool
  /// The entries of a directory, hidden ones included.
  let entries: [DirectoryEntry]

  /// Lists a place.
  ///
  /// - Throws: `notFound`, `refusedPath` or `inputOutput` where a directory cannot be listed.
  init(path: String, isDirectory: Bool, isNamed: Bool) throws(RasterError) {
    (self.path, self.isDirectory, self.isNamed) = (path, isDirectory, isNamed)
    guard isDirectory else {
      entries = []
      return
    }
    try InputPath.refuseVirtual(path, to: "list the scenes")
    do throws(SystemError) { entries = try DirectoryEntry.all(in: path) } catch {
      throw RasterError(error, "list the scenes")
    }
  }

  private init(_ place: SceneListing, entries: [DirectoryEntry]) {
    (path, isDirectory, isNamed) = (place.path, place.isDirectory, place.isNamed)
    self.entries = entries
  }

  /// Returns the listing without files of a kind.
  func withoutFiles(_ isOwned: (SceneListing) -> Bool) throws(RasterError) -> SceneListing {
    var rest: [DirectoryEntry] = []
    for entry in entries {
      guard let name = entry.name else {
        rest.append(entry)
        continue
      }
      let file = try SceneListing(path: path + "/" + name, isDirectory: false, isNamed: false)
      if !isOwned(file) || entry.isDirectory(in: path) { rest.append(entry) }
    }
    return SceneListing(self, entries: rest)
  }

  /// The names in a directory that are text, hidden ones included.
  public var names: [String] { entries.compactMap(\.name) }

  /// The last part of the path.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The entries of a directory that are not hidden, by name.
  var visible: [DirectoryEntry] {
    entries.filter { $0.bytes.first != UInt8(ascii: ".") }
      .sorted { ($0.name ?? $0.visibleName) < ($1.name ?? $1.visibleName) }
  }

  /// Returns the rasters of a directory in the order of their names.
  ///
  /// - Parameter descends: whether the rasters of a directory within, given the path of the one that holds it
  ///   and its name, are among them.
  /// - Throws: `refusedPath` for a raster whose name is not UTF-8, and for a link out of its directory; what
  ///   `RegularFile.check` finds.
  func rasters(
    descendingInto descends: (_ directory: String, _ name: String) -> Bool = { _, _ in false }
  ) throws(RasterError) -> [String] {
    var files: [String] = []
    for entry in visible {
      guard let name = entry.name else {
        if Self.isRaster(entry.visibleName) { throw Self.unnamed(entry, in: path) }
        continue
      }
      let child = path + "/" + name
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: child, isDirectory: &isDirectory)
      if isDirectory.boolValue {
        guard descends(path, name) else { continue }
        try InputPath.checkInside(path, child)
        files += try SceneListing(path: child, isDirectory: true, isNamed: false)
          .rasters(descendingInto: descends)
      } else if Self.isRaster(name) {
        try InputPath.checkInside(path, child)
        _ = try InputPath.checkedFile(child, to: "open the raster")
        files.append(child)
      }
    }
    return files
  }

  /// Returns the reason why one of some files in the directory is not to be read; nil where there is none.
  func refusal(of files: [String]) -> RasterError? { Self.refusal(of: files, in: path) }

  /// Returns the reason why one of some files in a directory is not to be read, a link out of it or no regular
  /// file; nil where there is none.
  static func refusal(of files: [String], in directory: String) -> RasterError? {
    do throws(RasterError) {
      for file in files {
        try InputPath.checkInside(directory, file)
        _ = try InputPath.checkedFile(file, to: "open the raster")
      }
      return nil
    } catch { return error }
  }

  /// Returns whether a file of this name is taken for a raster.
  static func isRaster(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
    return InputPath.rasterExtensions.contains(name[name.index(after: dot)...].lowercased())
  }

  /// Returns the refusal of an entry whose name is no text.
  static func unnamed(_ entry: DirectoryEntry, in directory: String) -> RasterError {
    RasterError(
      .refusedPath, "read the scene", path: directory + "/" + entry.visibleName,
      cause: "its name is not UTF-8; rename it")
  }
}
