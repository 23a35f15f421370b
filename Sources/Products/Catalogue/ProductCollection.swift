import Foundation
import Settings

/// A STAC collection of items: where and when they lie, and what files they have.
struct ProductCollection {
  let id: String
  let items: [CataloguedItem]

  var json: JSONValue {
    let boxes = items.compactMap(\.box)
    let extent: JSONValue = [
      "spatial": [
        "bbox": [.array((BoundingBox(boxes) ?? .globe).numbers.map(JSONValue.number))]
      ],
      "temporal": [
        "interval": [
          .array(
            [items.map(\.interval.first).min(), items.map(\.interval.last).max()].map {
              $0.map(JSONValue.string) ?? .null
            })
        ]
      ],
    ]
    return [
      "type": "Collection", "stac_version": "1.1.0",
      "stac_extensions": .array(ProductCatalogue.extensions.map(JSONValue.string)),
      "id": .string(id), "title": .string(id),
      "description": .string("Products of the terrane pipeline '\(id)'."), "license": "other",
      "extent": extent,
      "summaries": ["proj:epsg": .array(Set(items.compactMap(\.epsg)).sorted().map(JSONValue.int))],
      "item_assets": .object(assets),
      "links": .array(
        [
          ProductCatalogue.link("root", to: "./" + ProductCatalogue.catalogFile),
          ProductCatalogue.link("parent", to: "./" + ProductCatalogue.catalogFile),
        ] + items.map(\.link)),
    ]
  }

  /// The assets that items have, by name; classes where all items with that asset have the same.
  private var assets: [String: JSONValue] {
    var found: [String: [CataloguedItem.Asset]] = [:]
    for item in items {
      for (name, asset) in item.assets { found[name, default: []].append(asset) }
    }
    return found.mapValues { all in
      var members: [String: JSONValue] = [:]
      members["type"] = all[0].type.map(JSONValue.string)
      members["roles"] = all[0].roles.map { .array($0.map(JSONValue.string)) }
      if let classes = all[0].classes, all.allSatisfy({ $0.classes == classes }) {
        members["classification:classes"] = .array(classes.map { JSONValue(encoding: $0) })
      }
      return .object(members)
    }
  }
}

/// The smallest box around boxes on the globe, in degrees.
package struct BoundingBox: Hashable {
  /// The western and the eastern edge: `west` is greater where the box lies across 180 degrees.
  let west, east: Double
  let south, north: Double

  /// Everything.
  static let globe = BoundingBox(west: -180, east: 180, south: -90, north: 90)

  private init(west: Double, east: Double, south: Double, north: Double) {
    (self.west, self.east, self.south, self.north) = (west, east, south, north)
  }

  /// Creates the box around boxes of west, south, east and north; nil where there is none.
  package init?(_ boxes: [[Double]]) {
    guard let south = boxes.map({ $0[1] }).min(), let north = boxes.map({ $0[3] }).max() else { return nil }
    (self.south, self.north) = (south, north)
    // Arcs from west to east; the widest gap between two that follow each other stays outside.
    let arcs = boxes.map { (west: $0[0], east: $0[2] < $0[0] ? $0[2] + 360 : $0[2]) }.sorted { $0 < $1 }
    let last = arcs.map(\.east).max()!
    var gap = (width: arcs[0].west + 360 - last, west: arcs[0].west, east: last)
    var reached = max(arcs[0].east, last - 360)
    for arc in arcs.dropFirst() {
      if arc.west - reached > gap.width { gap = (arc.west - reached, arc.west, reached) }
      reached = max(reached, arc.east)
    }
    (west, east) = gap.width > 0 ? (gap.west, gap.east > 180 ? gap.east - 360 : gap.east) : (-180, 180)
  }

  /// West, south, east and north, as STAC lists them.
  package var numbers: [Double] { [west, south, east, north] }
}
