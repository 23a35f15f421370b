import Foundation
import Rasters

/// A STAC 1.0.0 item for the rasters of one product.
///
/// The time is the date in the scene's name, where there is one; else the item has none, as the standard's null.
struct STACItem {
  let id: String
  let pipeline: String
  let key: String
  let grid: Grid
  let assets: [String]
  /// How far the scene is from what the model has learned from; nil where nobody knows.
  var drift: Double?

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "type": "Feature", "stac_version": "1.0.0", "id": .string(id), "links": [],
      "properties": .object(properties),
      "assets": .object(Dictionary(uniqueKeysWithValues: assets.map { ($0, asset($0)) })),
      "geometry": .null,
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
      "datetime": Self.date(in: id).map { .string($0 + "T00:00:00Z") } ?? .null,
      "terrane:pipeline": .string(pipeline), "terrane:key": .string(key),
    ]
    if let code = grid.crs?.authority?.split(separator: ":").last.flatMap({ Int($0) }) {
      properties["proj:epsg"] = .int(code)
    }
    if let drift { properties["terrane:drift"] = .number(drift) }
    properties["proj:shape"] = [.int(grid.height), .int(grid.width)]
    return properties
  }

  private func asset(_ name: String) -> JSONValue {
    [
      "href": .string("./\(name).tif"), "type": "image/tiff; application=geotiff; profile=cloud-optimized",
      "roles": ["data"],
    ]
  }

  /// `2023-06-14` of a name that holds `2023-06-14` or `20230614` between other characters than digits; nil without one.
  static func date(in name: String) -> String? {
    let date = /(?:^|[^0-9])((?:19|20)[0-9]{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])(?:[^0-9]|$)/
    return name.firstMatch(of: date).map { "\($0.1)-\($0.2)-\($0.3)" }
  }
}
