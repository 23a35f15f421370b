import Foundation
import Host
import Rasters

/// The scenes that documents describe and lead to, each once.
struct STACCatalogue {
  /// The scenes that were found, those that are refused as well.
  private(set) var scenes: [SceneSource] = []
  private var visited: Set<String> = []
  private var names: Set<String> = []

  /// The most documents that are read, and links that are followed one from another.
  private static let (mostDocuments, mostLinks) = (10_000, 8)

  /// Notes the scenes of a document, and of those that it links below its directory.
  ///
  /// - Throws: `unreadable` or `unsupported` naming the file, where it is no document that is known.
  mutating func read(_ data: Data, of path: String) throws(RasterError) {
    try read(data, of: path, in: nil, links: 0)
  }

  /// Notes that the document at a path cannot be read.
  mutating func refuse(_ path: String, _ error: RasterError) {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    scenes.append(SceneSource(name: unique(name), path: path, files: [path], refusal: error))
  }

  private mutating func read(
    _ data: Data, of path: String, in collection: (assets: [String: STACAsset], file: String)?, links: Int
  ) throws(RasterError) {
    guard visited.insert(URL(fileURLWithPath: path).standardizedFileURL.path).inserted else { return }
    let document = try MetadataJSON.decode(STACDocument.self, data, of: path)
    switch document.type {
    case "Feature":
      try add(document, of: path, isPart: false, in: collection)
    case "FeatureCollection":
      for feature in document.features ?? [] {
        do throws(RasterError) { try add(feature, of: path, isPart: true, in: nil) } catch {
          refuse(path, error)
        }
      }
    case "Collection", "Catalog":
      let own = document.itemAssets.map { (assets: $0, file: path) } ?? collection
      try follow(document.links ?? [], of: path, in: own, links: links)
    default:
      throw RasterError(
        .unsupported, "read the item", path: path,
        cause: "its type is \(document.type ?? "not stated"), neither an item nor a collection of STAC")
    }
  }

  private mutating func follow(
    _ references: [STACLink], of path: String, in collection: (assets: [String: STACAsset], file: String)?,
    links: Int
  ) throws(RasterError) {
    var elsewhere: [RasterError] = []
    for link in references where ["item", "child"].contains(link.rel) {
      guard links < Self.mostLinks, visited.count < Self.mostDocuments else {
        throw RasterError(
          .tooLarge, "follow the catalogue", path: path,
          cause: links < Self.mostLinks
            ? "it leads to more than \(Self.mostDocuments) documents"
            : "more than \(Self.mostLinks) links lead from one to another")
      }
      let file: String
      do throws(RasterError) { file = try STACPlace(file: path).file(link.href, of: "an \(link.rel)") } catch
      {
        elsewhere.append(error)
        continue
      }
      do throws(RasterError) {
        let data: Data
        do throws(SystemError) { data = try RegularFile.contents(of: file, limit: MetadataJSON.limit) } catch
        {
          throw RasterError(error, "read the item")
        }
        try read(data, of: file, in: collection, links: links + 1)
      } catch {
        refuse(file, error)
      }
    }
    guard let first = elsewhere.first else { return }
    let more = elsewhere.count > 1 ? "; so are \(elsewhere.count - 1) more of its links" : ""
    refuse(
      path, RasterError(first.code, first.attempted, path: path, cause: (first.cause ?? "") + more))
  }

  private mutating func add(
    _ document: STACDocument, of path: String, isPart: Bool,
    in collection: (assets: [String: STACAsset], file: String)?
  ) throws(RasterError) {
    guard let version = document.version, version.hasPrefix("1.") else {
      throw RasterError(
        .unsupported, "read the item", path: path,
        cause: "STAC version \(document.version ?? "not stated"): versions 1.0 and 1.1 are read")
    }
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let name = unique(Self.plain(document.id ?? stem) ?? stem)
    let item = STACItem(document, place: STACPlace(file: path), collection: collection?.assets ?? [:])
    // Where the collection says what the bands are, the scene is the collection's.
    let (place, part) =
      item.needsCollection ? (collection?.file ?? path, name) : (path, isPart ? name : nil)
    scenes.append(item.scene(name: name, path: place, part: part, collection: collection?.file))
  }

  /// Returns an identifier as a plain name of a file: other characters than letters, digits, `.`, `_` and `-`
  /// become `_`; nil where nothing is left of it.
  private static func plain(_ id: String) -> String? {
    let name = String(
      id.prefix(120).map { character in
        character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
          ? character : "_"
      })
    let rest = name.drop { $0 == "." }
    return rest.isEmpty ? nil : String(rest)
  }

  /// Returns a name that no other scene has.
  private mutating func unique(_ name: String) -> String {
    var (found, number) = (name, 2)
    while !names.insert(found).inserted {
      found = "\(name)-\(number)"
      number += 1
    }
    return found
  }
}
