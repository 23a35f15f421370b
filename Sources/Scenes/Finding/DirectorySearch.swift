import Foundation
import Host
import Rasters

/// A search of a directory for scenes, and of the directories in it that are none themselves.
package struct DirectorySearch {
  /// The most entries of directories below that are looked at.
  package static let mostEntries = 200_000

  private let search: SceneSearch
  private let limit: Int
  private var looked = 0
  private var found = FoundScenes()

  /// Creates a search that has looked at nothing yet.
  ///
  /// - Parameter limit: the most entries of directories below that are looked at.
  package init(_ search: SceneSearch, limit: Int = Self.mostEntries) {
    (self.search, self.limit) = (search, limit)
  }

  /// Returns what there is in a directory, and as many levels below it.
  ///
  /// - Throws: `notFound` or `inputOutput` where the directory itself cannot be listed; `tooLarge` where those
  ///   below hold more than is looked at.
  package mutating func found(in directory: String, levels: Int) throws(RasterError) -> FoundScenes {
    try look(in: SceneListing(path: directory, isDirectory: true, isNamed: true), levels: levels)
    found.scenes = found.scenes.eachOnce
    found.forgetParts()
    return found
  }

  private mutating func look(in listing: SceneListing, levels: Int) throws(RasterError) {
    let gathered = try search.gathered(in: listing)
    found.scenes += gathered
    let claimed = Set(gathered.flatMap(\.ownFiles))
    for entry in listing.visible where !Self.isOfProduct(entry, in: listing.path) {
      if let name = entry.name, claimed.contains(listing.path + "/" + name) { continue }
      do throws(RasterError) {
        let scenes = try search.scenes(entry, of: listing.path)
        if !scenes.isEmpty {
          found.scenes += scenes
        } else if entry.isDirectory(in: listing.path) {
          try lookBelow(entry, of: listing.path, levels: levels)
        } else if gathered.isEmpty || !STACFiles.isDocument(listing.path + "/" + entry.visibleName) {
          leave(listing.path + "/" + entry.visibleName, "no raster, and no product that is known")
        }
      } catch {
        guard looked <= limit else { throw error }
        let path = listing.path + "/" + entry.visibleName
        // An archive that cannot be read may be arriving: its time counts.
        found.refused.append(
          SceneSource(
            name: SceneSearch.name(ofRefused: path), path: path,
            files: SceneSearch.isArchive(path) ? [path] : [], refusal: error))
      }
    }
  }

  /// Looks into a directory that is no scene itself. One without any scene below it is one entry.
  ///
  /// - Throws: `tooLarge` where directories hold more than is looked at.
  private mutating func lookBelow(
    _ entry: DirectoryEntry, of directory: String, levels: Int
  ) throws(RasterError) {
    let path = directory + "/" + entry.visibleName
    guard entry.name != nil else { return leave(path, "its name is not UTF-8") }
    guard levels > 0 else {
      return leave(path, "no scene in it; directories are searched \(SceneSearch.levels) levels deep")
    }
    guard !Self.isLink(path) else {
      return leave(path, "a link to a directory: scenes in it are found where they lie")
    }
    let listing = try SceneListing(path: path, isDirectory: true, isNamed: false)
    looked += listing.entries.count
    guard looked <= limit else {
      throw RasterError(
        .tooLarge, "search the directory", path: path,
        cause: "more than \(limit) entries in the directories that are searched; name one of them")
    }
    let before = (found.scenes.count, found.refused.count, found.others.count)
    try look(in: listing, levels: levels - 1)
    if (found.scenes.count, found.refused.count) == (before.0, before.1) {
      found.others.removeSubrange(before.2...)
      leave(path, Self.reason(listing))
    }
  }

  private static func reason(_ listing: SceneListing) -> String {
    if listing.path.lowercased().hasSuffix(".safe") {
      return "the folder of a product without its images and metadata"
    }
    return listing.visible.isEmpty ? "an empty directory" : "no scene in it"
  }

  private mutating func leave(_ path: String, _ reason: String) {
    found.others.append(FoundScenes.NoScene(path: path, reason: reason))
  }

  /// Returns whether an entry belongs to the product whose folder holds it: of `X.SAFE` all but the folder of
  /// a product itself, as programs unpack `X.SAFE/X.SAFE`.
  private static func isOfProduct(_ entry: DirectoryEntry, in directory: String) -> Bool {
    directory.lowercased().hasSuffix(".safe") && !entry.visibleName.lowercased().hasSuffix(".safe")
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
