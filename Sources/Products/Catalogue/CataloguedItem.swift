import Foundation
import Host
import Settings

/// A STAC item as far as a catalogue repeats it.
struct CataloguedItem {
  /// The place of its file below `products`.
  let place: String
  let id: String
  /// The pipeline that has made it.
  let pipeline: String
  /// West, south, east and north in degrees; west is greater across 180 degrees. Nil where it lies nowhere.
  let box: [Double]?
  /// The first and the last moment, as the item writes them.
  let interval: (first: String, last: String)
  /// The code of its coordinate reference system.
  let epsg: Int?
  let assets: [String: Asset]

  /// A file of an item, without its place.
  struct Asset: Codable, Hashable {
    struct MapClass: Codable, Hashable {
      let value: Int
      let name: String
      let title, description, color_hint: String?
    }

    let type: String?
    let roles: [String]?
    let classes: [MapClass]?

    private enum CodingKeys: String, CodingKey {
      case type, roles
      case classes = "classification:classes"
    }
  }

  private struct Document: Decodable {
    struct Properties: Decodable {
      let datetime, start_datetime, end_datetime: String?
      let pipeline: String?
      let epsg: Int?

      enum CodingKeys: String, CodingKey {
        case datetime, start_datetime, end_datetime
        case pipeline = "terrane:pipeline"
        case epsg = "proj:epsg"
      }
    }

    let type, stac_version, id: String?
    let bbox: [Double]?
    let properties: Properties?
    let assets: [String: Asset]?
  }

  /// Reads an item; nil where the file is none.
  ///
  /// - Parameter path: the file, relative to the output directory.
  /// - Throws: `SystemError` where it cannot be read.
  init?(_ path: String, below output: URL) throws {
    let data = try RegularFile.contents(of: output.appendingPathComponent(path).path)
    guard let read = try? JSONDecoder().decode(Document.self, from: data), read.type == "Feature",
      read.stac_version != nil, let id = read.id, let properties = read.properties,
      let first = properties.datetime ?? properties.start_datetime,
      let last = properties.datetime ?? properties.end_datetime
    else { return nil }
    place = path.split(separator: "/").dropFirst().joined(separator: "/")
    (self.id, pipeline) = (id, properties.pipeline ?? "")
    box = read.bbox.flatMap { $0.count == 4 ? $0 : nil }
    interval = (first, last)
    (epsg, assets) = (properties.epsg, read.assets ?? [:])
  }

  /// The link from the catalogue to the item.
  var link: JSONValue {
    // A name may hold what an address gives a meaning of its own.
    let path = place.replacing("%", with: "%25").replacing("#", with: "%23").replacing("?", with: "%3F")
    return ProductCatalogue.link("item", to: "./" + path, title: id, isItem: true)
  }
}
