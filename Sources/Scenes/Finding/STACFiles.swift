import Foundation
import Host
import Rasters

/// Items of a SpatioTemporal Asset Catalog, as files of their own, in collections of items, and linked from
/// collections and catalogues.
struct STACFiles: ProductReader {
  var gathers: Bool { true }

  func recognises(_ place: SceneListing) -> Bool {
    place.isDirectory ? place.names.contains(where: Self.isJSON) : Self.isJSON(place.name)
  }

  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    guard place.isDirectory else {
      guard place.isNamed, let data = try Self.contents(of: place.path) else { return nil }
      var catalogue = STACCatalogue()
      try catalogue.read(data, of: place.path)
      return catalogue.scenes
    }
    var catalogue = STACCatalogue()
    for name in place.visible.compactMap(\.name) where Self.isJSON(name) {
      let path = place.path + "/" + name
      // What cannot be read is no file of a catalogue for all that is known.
      guard let data = try? Self.contents(of: path) else { continue }
      do throws(RasterError) {
        try InputPath.checkCompanion(path, to: "read the item")
        try catalogue.read(data, of: path)
      } catch {
        catalogue.refuse(path, error)
      }
    }
    return catalogue.scenes
  }

  /// Returns whether a file is of a catalogue, whose items are scenes wherever they lie.
  static func isDocument(_ path: String) -> Bool {
    isJSON(path) && (try? contents(of: path)).flatMap(\.self) != nil
  }

  private static func isJSON(_ name: String) -> Bool {
    let lower = name.lowercased()
    return lower.hasSuffix(".json") || lower.hasSuffix(".geojson")
  }

  /// Reads the bytes of a file; nil where they never speak of such a catalogue.
  private static func contents(of path: String) throws(RasterError) -> Data? {
    do throws(SystemError) {
      let data = try RegularFile.contents(of: path, limit: MetadataJSON.limit)
      return data.range(of: Data("\"stac_version\"".utf8)) == nil ? nil : data
    } catch {
      throw RasterError(error, "read the item")
    }
  }
}
