import Archives
import Foundation
import Host
import Rasters

/// Finds scenes: what the first reader that recognises a place makes of it.
public struct SceneSearch: Sendable {
  private let readers: [any ProductReader]
  /// The archives that are looked into; none are where nil.
  private let archives: UnpackedArchives?

  /// The forms in which scenes are delivered, the particular ones before those that take anything.
  public static let readers: [any ProductReader] = [
    SAFEFolder(), LandsatFolder(), BandDirectory(), SingleFile(),
  ]

  /// Creates a search with these readers, asked in their order.
  ///
  /// - Parameter archives: where products in archives are unpacked; archives are no scenes where nil.
  public init(
    _ readers: [any ProductReader] = SceneSearch.readers, archives: UnpackedArchives? = .shared
  ) {
    (self.readers, self.archives) = (readers, archives)
  }

  /// Returns the scene at a path that the user named.
  ///
  /// - Throws: `notFound`, `refusedPath`, or `unreadable` for what no reader takes for a scene.
  public func scene(at path: String) throws(RasterError) -> SceneSource {
    try InputPath.refuseVirtual(path, to: "find the scene")
    guard let isDirectory = Self.isDirectory(path) else {
      throw RasterError(.notFound, "find the scene", path: path, cause: "no such file or directory")
    }
    if let archives, !isDirectory, Self.isArchive(path) {
      guard let scene = try archives.scene(at: path, scene(at:)) else {
        throw RasterError(
          .unreadable, "find the scene", path: path, cause: "no product that is known in the archive")
      }
      return scene
    }
    let place = try SceneListing(
      path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, isDirectory: isDirectory,
      isNamed: true)
    guard let scene = try scene(at: place) else {
      throw RasterError(
        .unreadable, "find the scene", path: place.path,
        cause: isDirectory ? "no raster file in the directory" : "no scene that is known")
    }
    return scene
  }

  /// Returns the scene at a path that the user named, refused where it cannot be found.
  public func sceneOrRefusal(at path: String) -> SceneSource {
    do throws(RasterError) { return try scene(at: path) } catch {
      return SceneSource(
        name: Self.name(ofRefused: path), path: path, files: [path], refusal: error)
    }
  }

  /// Returns the scenes of a directory by name, and then what looks like one and is refused.
  ///
  /// Hidden entries, temporary files and side-cars are passed over. Where two entries would have the same
  /// name, ``SceneNames`` tells them apart.
  ///
  /// - Throws: `notFound` or `inputOutput` where the directory itself cannot be listed.
  public func scenes(in directory: String) throws(RasterError) -> [SceneSource] {
    var found: [SceneSource] = []
    var refused: [SceneSource] = []
    for entry in try SceneListing(path: directory, isDirectory: true, isNamed: true).visible {
      do throws(RasterError) {
        if let scene = try scene(entry, of: directory) { found.append(scene) }
      } catch {
        let path = directory + "/" + entry.visibleName
        // An archive that cannot be read may be arriving: its time counts.
        refused.append(
          SceneSource(
            name: Self.name(ofRefused: path), path: path, files: Self.isArchive(path) ? [path] : [],
            refusal: error))
      }
    }
    return found.namedApart.sorted { ($0.name, $0.path) < ($1.name, $1.path) } + refused
  }

  private func scene(_ entry: DirectoryEntry, of directory: String) throws(RasterError) -> SceneSource? {
    guard let name = entry.name else {
      if isScene(entry, in: directory) { throw SceneListing.unnamed(entry, in: directory) }
      return nil
    }
    let path = directory + "/" + name
    let isDirectory = Self.isDirectory(path)
    if let archives, isDirectory == false, Self.isArchive(name) {
      try InputPath.checkInside(directory, path)
      return try archives.scene(at: path, scene(at:))
    }
    if isDirectory == true { try InputPath.checkInside(directory, path) }
    let place = try SceneListing(path: path, isDirectory: isDirectory ?? false, isNamed: false)
    guard readers.contains(where: { $0.recognises(place) }) else { return nil }
    guard let isDirectory else {
      throw RasterError(.notFound, "follow the link", path: path, cause: "it leads nowhere")
    }
    if !isDirectory {
      try InputPath.checkInside(directory, path)
      _ = try InputPath.checkedFile(path, to: "open the raster")
    }
    return try scene(at: place)
  }

  /// Returns whether a file of this name is taken for an archive.
  private static func isArchive(_ path: String) -> Bool {
    ArchiveFormat.stem(of: URL(fileURLWithPath: path).lastPathComponent) != nil
  }

  private static func name(ofRefused path: String) -> String {
    let url = URL(fileURLWithPath: path)
    return ArchiveFormat.stem(of: url.lastPathComponent) ?? url.deletingPathExtension().lastPathComponent
  }

  private func scene(at place: SceneListing) throws(RasterError) -> SceneSource? {
    guard let reader = readers.first(where: { $0.recognises(place) }) else { return nil }
    let scene = try reader.open(place)
    return scene.files.isEmpty ? nil : scene
  }

  /// Returns whether an entry that has no name as text would be a scene: a raster, or a directory that holds
  /// one.
  private func isScene(_ entry: DirectoryEntry, in directory: String) -> Bool {
    guard entry.isDirectory(in: directory) else { return SceneListing.isRaster(entry.visibleName) }
    return ((try? entry.entries(in: directory)) ?? []).contains { SceneListing.isRaster($0.visibleName) }
  }

  /// Returns whether a path is a directory; nil where there is nothing.
  private static func isDirectory(_ path: String) -> Bool? {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      ? isDirectory.boolValue : nil
  }
}

extension SceneSource {
  /// Creates the scene at a path that the user named, found by the readers that there are.
  ///
  /// - Throws: as ``SceneSearch/scene(at:)``.
  public init(path: String) throws(RasterError) { self = try SceneSearch().scene(at: path) }
}

extension [SceneSource] {
  /// The scenes in their order, under names that no two of them share.
  public var namedApart: [SceneSource] {
    let names = SceneNames.apart(map { ($0.name, $0.path, $0.isDirectory) })
    return zip(self, names).map { $0.named($1) }
  }
}

extension SceneSource {
  /// Whether the scene is a directory; its files do not tell where it was refused.
  fileprivate var isDirectory: Bool {
    guard refusal != nil else { return archive == nil && files != [path] }
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}
