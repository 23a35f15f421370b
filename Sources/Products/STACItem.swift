import Foundation
import Rasters
import Runs
import Scenes
import Settings

/// A STAC 1.1.0 item for the rasters, vectors and tables of one product.
struct STACItem {
  /// One file of the product.
  struct Asset {
    /// The content of a file.
    enum Content {
      /// A raster: its only band, and what its values mean, where they are classes.
      case raster(RasterBand, Legend?)
      /// A raster of a scene's bands.
      case scene([RasterBand])
      /// A GeoPackage.
      case vectors
      /// A CSV.
      case table
      /// A picture of the scene, and what its colours are.
      case overview(String)
    }

    /// The file's name without its ending; of a picture all of it.
    package let name: String
    /// The content of the file.
    package let content: Content

    /// The name of the asset in the item.
    package var key: String { if case .overview = content { "overview" } else { name } }

    /// Whether the file is a raster.
    package var isRaster: Bool {
      switch content {
      case .raster, .scene: true
      case .vectors, .table, .overview: false
      }
    }
  }

  package let id: String
  package let pipeline: String
  package let key: String
  package let grid: Grid
  package let assets: [Asset]
  /// The days that the product shows: the same one twice for a scene, the first and the last for a
  /// comparison.
  package let days: (first: Day, last: Day)
  /// The scenes that it is made of, as directory and name.
  package let scenes: [String]
  /// The name of the picture beside the rasters; nil where there is none.
  package let picture: String?
  /// The distance of the scene from what the model has learned from; nil where nobody knows.
  package var drift: Double?
  /// The shares of the scene that the product shows and does not show; nil where no mask was read.
  package var observed: FindingTable?

  private static let extensions = [
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
  ]

  package var json: JSONValue {
    var assets = Dictionary(uniqueKeysWithValues: assets.map { ($0.key, json(of: $0)) })
    if let picture {
      assets["thumbnail"] = ["href": .string("./\(picture)"), "type": "image/png", "roles": ["thumbnail"]]
    }
    var members: [String: JSONValue] = [
      "type": "Feature", "stac_version": "1.1.0",
      "stac_extensions": .array(Self.extensions.map(JSONValue.string)), "id": .string(id), "links": [],
      "properties": .object(properties), "assets": .object(assets), "geometry": .null,
    ]
    if let footprint = grid.footprint {
      let rings = footprint.polygons.map { polygon in
        JSONValue.array([
          .array(polygon.map { JSONValue.array([.number($0.longitude), .number($0.latitude)]) })
        ])
      }
      members["geometry"] =
        rings.count == 1
        ? ["type": "Polygon", "coordinates": rings[0]]
        : ["type": "MultiPolygon", "coordinates": .array(rings)]
      members["bbox"] = .array(footprint.box.map(JSONValue.number))
    }
    return .object(members)
  }

  private var properties: [String: JSONValue] {
    var properties: [String: JSONValue] = [
      "terrane:pipeline": .string(pipeline), "terrane:key": .string(key),
      "terrane:scenes": .array(scenes.map(JSONValue.string)),
      "proj:shape": [.int(grid.height), .int(grid.width)],
    ]
    if days.first == days.last {
      properties["datetime"] = Self.midnight(days.first)
    } else {
      properties["datetime"] = .null
      properties["start_datetime"] = Self.midnight(days.first)
      properties["end_datetime"] = Self.midnight(days.last)
    }
    if let code = grid.crs?.authority?.split(separator: ":"), code.first == "EPSG", let number = Int(code[1])
    {
      properties["proj:epsg"] = .int(number)
    } else if let crs = grid.crs {
      (properties["proj:epsg"], properties["proj:wkt2"]) = (.null, .string(crs.wkt))
    }
    if let transform = grid.transform {
      properties["proj:transform"] = .array(
        [
          transform.columnX, transform.rowX, transform.originX, transform.columnY, transform.rowY,
          transform.originY,
        ].map(JSONValue.number))
    }
    if let drift { properties["terrane:drift"] = .number(drift) }
    if let observed {
      properties["terrane:observed"] = .object(
        Dictionary(
          observed.rows.compactMap { row in row["pixels"]?.text.map { ($0, row["share"] ?? .null) } },
          uniquingKeysWith: { first, _ in first }))
    }
    return properties
  }

  private static func midnight(_ day: Day) -> JSONValue { .string("\(day)T00:00:00Z") }

  private func json(of asset: Asset) -> JSONValue {
    func file(_ kind: String, _ type: String) -> JSONValue {
      ["href": .string("./\(asset.name).\(kind)"), "type": .string(type), "roles": ["data"]]
    }
    return switch asset.content {
    case .raster(let band, let legend): .object(members(ofRaster: asset.name, [band], legend))
    case .scene(let bands): json(ofScene: asset.name, bands)
    case .vectors: file("gpkg", "application/geopackage+sqlite3")
    case .table: file("csv", "text/csv")
    case .overview(let words):
      [
        "href": .string("./\(asset.name)"), "type": "image/png", "roles": ["overview"],
        "title": .string("the scene in \(words)"),
      ]
    }
  }

  /// Describes a scene: a raster whose bands have names and units.
  private func json(ofScene name: String, _ bands: [RasterBand]) -> JSONValue {
    var members = members(ofRaster: name, bands, nil)
    members["bands"] = .array(
      bands.map { band in
        var described: [String: JSONValue] = [:]
        described["name"] = band.description.map(JSONValue.string)
        described["unit"] = band.unit.map(JSONValue.string)
        return .object(described)
      })
    return .object(members)
  }

  private func members(ofRaster name: String, _ bands: [RasterBand], _ legend: Legend?)
    -> [String: JSONValue]
  {
    var members: [String: JSONValue] = [
      "href": .string("./\(name).tif"),
      "type": "image/tiff; application=geotiff; profile=cloud-optimized", "roles": ["data"],
      "raster:bands": .array(bands.map { Self.json(of: $0) }),
    ]
    if let legend {
      members["classification:classes"] = .array(legend.entries.map { Self.json(of: $0) })
    }
    return members
  }

  private static func json(of stored: RasterBand) -> JSONValue {
    let type = stored.dataType.lowercased()
    var band: [String: JSONValue] = ["data_type": .string(type == "byte" ? "uint8" : type)]
    if let noData = stored.noData {
      band["nodata"] =
        noData.isFinite
        ? .number(noData) : .string(noData.isNaN ? "nan" : noData > 0 ? "inf" : "-inf")
    }
    return .object(band)
  }

  private static func json(of entry: Legend.Entry) -> JSONValue {
    // The extension's names are of ASCII letters, digits, '-' and '_'; titles are free.
    let name = String(
      entry.name.unicodeScalars.map { scalar in
        scalar.isASCII
          && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            || "-_".unicodeScalars.contains(scalar))
          ? Character(scalar) : "_"
      })
    return [
      "value": .int(Int(entry.value)), "name": .string(name), "title": .string(entry.name),
      "description": .string(entry.name),
      "color_hint": .string(
        [entry.color.red, entry.color.green, entry.color.blue].map { String(format: "%02X", $0) }.joined()),
    ]
  }
}
