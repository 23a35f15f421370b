import Archives
import Rasters

/// The place of a product in an archive, found by the names in it: at the top of the archive, or in one folder.
struct ProductInArchive {
  /// The files and directories that are laid out.
  let members: [ArchiveMember]
  /// The directories that are laid out around the members: the archive's own name where they lie at its top.
  let top: [String]
  /// The path of the product's directory in the layout.
  let root: [String]

  /// Finds the product; nil where no name in the archive is that of a raster, or several folders hold none
  /// that is known.
  ///
  /// - Parameter stem: the name of the archive without its end.
  /// - Throws: `unsupported` where the archive has several products.
  init?(in archive: Archive, stem: String) throws(RasterError) {
    members = archive.members.filter { member in
      // What macOS adds to archives.
      member.parts.first != "__MACOSX"
    }
    guard members.contains(where: { $0.kind == .file && SceneListing.isRaster($0.lastName) }) else {
      return nil
    }
    var folders: [String] = []
    while true {
      let inside = members.filter { $0.parts.count > folders.count && $0.parts.starts(with: folders[...]) }
      let entries = Set(inside.map { String($0.parts[folders.count]) }.filter { !$0.hasPrefix(".") })
      let hasFiles = inside.contains { member in
        member.kind == .file && member.parts.count == folders.count + 1 && !member.lastName.hasPrefix(".")
      }
      let isProduct = folders.last?.lowercased().hasSuffix(".safe") ?? false
      if isProduct || hasFiles || entries.count != 1 {
        if !isProduct, !hasFiles {
          try Self.refuseSeveral(entries.sorted(), members, archive.path)
          return nil
        }
        break
      }
      folders.append(entries.first!)
    }
    top = folders.isEmpty ? [stem] : []
    root = folders.isEmpty ? [stem] : folders
  }

  private static func refuseSeveral(
    _ folders: [String], _ members: [ArchiveMember], _ path: String
  ) throws(RasterError) {
    let isOfProducts =
      folders.contains { $0.lowercased().hasSuffix(".safe") }
      || members.contains { LandsatMetadata.isMetadata($0.lastName) }
    guard isOfProducts else { return }
    let names =
      folders.prefix(3).map { "'\($0)'" }.joined(separator: ", ") + (folders.count > 3 ? ", ..." : "")
    throw RasterError(
      .unsupported, "find the scene", path: path,
      cause: "the archive has \(folders.count) folders (\(names)) where a product has one; unpack it")
  }
}

extension [Substring] {
  /// Returns whether the parts of a path begin with those of another.
  fileprivate func starts(with folders: ArraySlice<String>) -> Bool {
    count >= folders.count && zip(self, folders).allSatisfy { $0 == $1 }
  }
}
