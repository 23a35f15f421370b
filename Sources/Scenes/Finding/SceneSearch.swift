import Archives
import Foundation
import Host
import Rasters

/// Finds scenes: what the first reader that recognises a place makes of it.
public struct SceneSearch: Sendable {
  private let readers: [any ProductReader]
  /// The archives that are looked into; none are where nil.
  private let archives: UnpackedArchives?

  /// The levels of directories that are searched below one of scenes: `2023/06/14` of an archive by days.
  public static let levels = 3

  /// The forms in which scenes are delivered, the particular ones before those that take anything.
  public static let readers: [any ProductReader] = [
    SAFEFolder(), LandsatFolder(), HarmonizedFiles(), PlanetScopeFiles(), STACFiles(), BandDirectory(),
    SingleFile(),
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
  /// - Throws: as ``scenes(at:)``; `unsupported` where there are several.
  public func scene(at path: String) throws(RasterError) -> SceneSource {
    let found = try scenes(at: path)
    guard found.count == 1 else {
      let names = found.prefix(3).map(\.name).joined(separator: ", ") + (found.count > 3 ? ", ..." : "")
      throw RasterError(
        .unsupported, "find the scene", path: path,
        cause: "it holds \(found.count) scenes (\(names)) where one is wanted")
    }
    return found[0]
  }

  /// Returns the scenes at a path that the user named, one or more: several where it is a catalogue, or a
  /// directory with the files of several products.
  ///
  /// - Throws: `notFound`, `refusedPath`, or `unreadable` for what no reader takes for a scene.
  public func scenes(at path: String) throws(RasterError) -> [SceneSource] {
    try InputPath.refuseVirtual(path, to: "find the scene")
    guard let isDirectory = Self.isDirectory(path) else {
      throw RasterError(.notFound, "find the scene", path: path, cause: "no such file or directory")
    }
    if let archives, !isDirectory, Self.isArchive(path) {
      let scenes = try archives.scenes(at: path, scenes(at:))
      guard !scenes.isEmpty else {
        throw RasterError(
          .unreadable, "find the scene", path: path, cause: "no product that is known in the archive")
      }
      return scenes
    }
    let place = try SceneListing(
      path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, isDirectory: isDirectory,
      isNamed: true)
    let scenes = try scenes(at: place)
    guard !scenes.isEmpty else {
      throw RasterError(
        .unreadable, "find the scene", path: place.path,
        cause: isDirectory ? "no raster file in the directory" : "no scene that is known")
    }
    return scenes
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
    let found = try found(in: directory, levels: 0)
    return found.scenes.namedApart.sorted { ($0.name, $0.path) < ($1.name, $1.path) } + found.refused
  }

  /// Returns the scenes of a directory, and what is none in it. Directories in it that are no scene are
  /// searched as well, as many levels deep.
  ///
  /// Hidden entries are passed over, and what belongs to a scene is no entry of its own.
  ///
  /// - Throws: `notFound` or `inputOutput` where the directory itself cannot be listed; `tooLarge` where those
  ///   below hold more than is looked at.
  public func found(in directory: String, levels: Int = SceneSearch.levels) throws(RasterError)
    -> FoundScenes
  {
    var walk = DirectorySearch(self)
    return try walk.found(in: directory, levels: levels)
  }

  /// Returns the scenes that an entry of a directory is, other than those that were gathered there.
  func scenes(_ entry: DirectoryEntry, of directory: String) throws(RasterError) -> [SceneSource] {
    guard let name = entry.name else {
      if isScene(entry, in: directory) { throw SceneListing.unnamed(entry, in: directory) }
      return []
    }
    let path = directory + "/" + name
    let isDirectory = Self.isDirectory(path)
    if let archives, isDirectory == false, Self.isArchive(name) {
      try InputPath.checkInside(directory, path)
      return try archives.scenes(at: path, scenes(at:))
    }
    if isDirectory == true { try InputPath.checkInside(directory, path) }
    let place = try SceneListing(path: path, isDirectory: isDirectory ?? false, isNamed: false)
    guard let reader = readers.first(where: { $0.recognises(place) }) else { return [] }
    if reader.gathers && isDirectory != true { return [] }
    guard let isDirectory else {
      throw RasterError(.notFound, "follow the link", path: path, cause: "it leads nowhere")
    }
    if !isDirectory {
      try InputPath.checkInside(directory, path)
      _ = try InputPath.checkedFile(path, to: "open the raster")
    }
    return try scenes(at: place)
  }

  private func scenes(at place: SceneListing) throws(RasterError) -> [SceneSource] {
    for reader in readers where reader.recognises(place) {
      if reader.gathers && place.isDirectory {
        let scenes = try gathered(in: place)
        if !scenes.isEmpty { return scenes.eachOnce }
      } else if let scenes = try reader.open(place) {
        // Of a product that is arriving the metadata may be there first.
        return scenes.filter { !$0.files.isEmpty || $0.metadata != nil }
      }
    }
    return []
  }

  /// Returns the scenes whose files lie among others in a directory; a file belongs to the first reader that
  /// recognises it.
  func gathered(in place: SceneListing) throws(RasterError) -> [SceneSource] {
    var (rest, scenes): (SceneListing, [SceneSource]) = (place, [])
    for reader in readers where reader.gathers && reader.recognises(rest) {
      scenes += try reader.open(rest) ?? []
      rest = try rest.withoutFiles { reader.recognises($0) }
    }
    return scenes.filter { !$0.files.isEmpty }
  }

  /// Returns whether a file of this name is taken for an archive.
  static func isArchive(_ path: String) -> Bool {
    ArchiveFormat.stem(of: URL(fileURLWithPath: path).lastPathComponent) != nil
  }

  /// Returns the name of a scene that could not be found out.
  static func name(ofRefused path: String) -> String {
    let url = URL(fileURLWithPath: path)
    return ArchiveFormat.stem(of: url.lastPathComponent) ?? url.deletingPathExtension().lastPathComponent
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

extension SceneSource {
  /// The files that are the scene's alone.
  var ownFiles: [String] { files + masks.map(\.file) + (metadata?.files ?? []) }

  /// Returns the scene as it is found anew at its place.
  ///
  /// - Throws: as ``SceneSearch/scenes(at:)``; `notFound` where it is not there any more.
  public func foundAnew() throws(RasterError) -> SceneSource {
    guard let scene = try SceneSearch().scenes(at: path).first(where: { $0.identity == identity }) else {
      throw RasterError(.notFound, "find the scene", path: identity.description, cause: "it is gone")
    }
    return scene
  }
}

extension [SceneSource] {
  /// The scenes in their order without those made of the same files as an earlier one, as an item that lies
  /// in a directory and is linked from a catalogue in it.
  var eachOnce: [SceneSource] {
    var seen = Set<Set<String>>()
    return filter { $0.refusal != nil || $0.files.isEmpty || seen.insert(Set($0.files)).inserted }
  }

  /// The scenes in their order, under names that no two of them share.
  public var namedApart: [SceneSource] {
    let names = SceneNames.apart(map { ($0.name, $0.path, $0.isDirectory) })
    return zip(self, names).map { $0.named($1) }
  }
}

extension SceneSource {
  /// Whether the scene is a directory; its files do not tell where it was refused.
  var isDirectory: Bool {
    guard refusal != nil else { return archive == nil && files != [path] }
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}
