import Classes
import Foundation
import Products
import Rasters
import Runs
import Settings

/// The files of a slide whose windows have one answer each: a table of the chips, the same with their
/// outlines, and two coarse rasters of the class and its confidence, a pixel a chip.
package final class ChipTableFiles: AnswerFiles, @unchecked Sendable {
  /// The rule by which a chip is said to show classes.
  enum Naming: Sendable {
    /// The likeliest class alone.
    case likeliest
    /// All classes whose probability is a number or more.
    case all(above: Float)
  }

  private let directory: URL
  private let map: MapDescription
  private let naming: Naming
  // Used by the thread that hands out the parts, and after it has ended by whoever closes the files.
  private var chips: [ChipAnswer] = []

  init(in directory: URL, for map: MapDescription, naming: Naming) {
    (self.directory, self.map, self.naming) = (directory, map, naming)
  }

  package func write(_ part: ChipTablePart) { chips += part.chips }

  package func close() throws -> (layers: [Layer], grid: Grid, findings: [Finding]) {
    // Panels come one after the other, each with its own part of the rows.
    chips.sort { ($0.row, $0.column) < ($1.row, $1.column) }
    let table = Layer("chips", file: "chips.csv", .table)
    let outlines = Layer("chip-outlines", file: "chips.gpkg", .vectors(legend: legendOfOutlines))
    try writeFeatures(to: table, crs: nil)
    try writeFeatures(to: outlines, crs: map.grid.crs)
    return (try writeRasters() + [outlines, table], coarseGrid, [shares])
  }

  // MARK: - Features

  private func writeFeatures(to layer: Layer, crs: CRS?) throws {
    let writer = try FeatureWriter(
      path: directory.appendingPathComponent(layer.file).path, layer: "chips", crs: crs, fields: fields)
    for chip in chips { try writer.add(outline(of: chip.window), values: values(of: chip)) }
    try writer.close()
  }

  /// The legend of the outlines: polygons are coloured by their class, where they have one.
  private var legendOfOutlines: Legend? {
    switch naming {
    case .likeliest: map.legend
    case .all: nil
    }
  }

  private var fields: [FeatureField] {
    let names: [FeatureField] =
      switch naming {
      case .likeliest: [.init("class", .text), .init("value", .integer), .init("confidence", .integer)]
      case .all: [.init("classes", .text)] + probabilityFields
      }
    return Self.places.map { FeatureField($0, .integer) } + names
  }

  private static let places = ["row", "column", "left", "top", "width", "height"]

  /// A field for each class, called after it; where a table would have two fields of that name, which it
  /// tells apart by letters and not by their case, after its value too.
  private var probabilityFields: [FeatureField] {
    var taken = Set(Self.places + ["classes", "fid", "geom"])
    return map.legend.entries.map { entry in
      let isFree = taken.insert(entry.name.lowercased()).inserted
      return FeatureField(isFree ? entry.name : "\(entry.name) (\(entry.value))", .real)
    }
  }

  /// Returns a chip's place among the chips, its place among the pixels, and what it shows.
  private func values(of chip: ChipAnswer) -> [FeatureValue] {
    let window = chip.window
    let place = [chip.row, chip.column, window.column, window.row, window.width, window.height]
      .map(FeatureValue.integer)
    let entries = map.legend.entries
    switch naming {
    case .likeliest:
      let best = chip.likeliest
      return place + [
        .text(entries[best].name), .integer(Int(entries[best].value)),
        .integer(Self.percent(chip.probabilities[best])),
      ]
    case .all(let threshold):
      let shown = entries.indices.filter { chip.probabilities[$0] >= threshold }
      return place + [.text(shown.map { entries[$0].name }.joined(separator: ";"))]
        + chip.probabilities.map { .real((Double($0) * 10_000).rounded() / 10_000) }
    }
  }

  /// Returns the corners of a window on the map; of a scene without a position in pixels, downwards below 0.
  private func outline(of window: Window) -> [(x: Double, y: Double)] {
    let transform =
      map.grid.transform ?? GeoTransform(originX: 0, originY: 0, pixelSize: 1)
    let (left, top) = (Double(window.column), Double(window.row))
    let (right, bottom) = (left + Double(window.width), top + Double(window.height))
    return [(left, top), (right, top), (right, bottom), (left, bottom)].map {
      transform.apply(column: $0.0, row: $0.1)
    }
  }

  private static func percent(_ probability: Float) -> Int {
    Int(max(0, min(100, (probability * 100).rounded())))
  }

  // MARK: - Rasters

  /// Writes class and confidence on a grid whose pixels are chips; the last of a row or column reaches beyond
  /// the scene where its side is no multiple of a chip's.
  private func writeRasters() throws -> [Layer] {
    let grid = coarseGrid
    var classes = [UInt8](repeating: ClassIndex.none, count: grid.width * grid.height)
    var confidence = [UInt8](repeating: Layer.noPercentage, count: classes.count)
    for chip in chips {
      let place = chip.row * grid.width + chip.column
      classes[place] = UInt8(chip.likeliest)
      confidence[place] = UInt8(Self.percent(chip.probabilities[chip.likeliest]))
    }
    func write(_ layer: Layer, _ band: String, _ values: [UInt8]) throws {
      let writer = try RasterWriter(
        path: directory.appendingPathComponent(layer.file).path, grid: grid,
        options: .init(type: .byte, bandNames: [band], noData: layer.noData, compression: 1))
      try writer.write(grid.bounds, band: 1, values)
      try writer.close()
    }
    let layers = [
      Layer(map.name, file: "classes.tif", .classIndices, noData: Double(ClassIndex.none)),
      Layer("confidence", file: "confidence.tif", .percent, noData: Double(Layer.noPercentage)),
    ]
    try write(layers[0], "class index", classes)
    try write(layers[1], "confidence in percent", confidence)
    return layers
  }

  private var coarseGrid: Grid {
    let (grid, window) = (map.grid, map.window)
    let coarse = grid.transform.map { fine in
      let side = Double(window)
      return GeoTransform(
        originX: fine.originX, columnX: fine.columnX * side, rowX: fine.rowX * side, originY: fine.originY,
        columnY: fine.columnY * side, rowY: fine.rowY * side)
    }
    return Grid(
      width: (grid.width + window - 1) / window, height: (grid.height + window - 1) / window,
      transform: coarse, crs: grid.crs)
  }

  // MARK: - Findings

  /// Chips, and the share of all chips, that show each class.
  private var shares: Finding {
    let rows = map.legend.entries.enumerated().map { index, entry -> [JSONValue?] in
      let count = chips.count { shows($0, index) }
      return [.string(entry.name), .int(count), .number(Double(count) / Double(max(1, chips.count)))]
    }
    return Finding(
      .classChips, .table(FindingTable([.init("class"), .init("chips"), .init("share")], rows)))
  }

  private func shows(_ chip: ChipAnswer, _ index: Int) -> Bool {
    switch naming {
    case .likeliest: chip.likeliest == index
    case .all(let threshold): chip.probabilities[index] >= threshold
    }
  }
}

extension ChipAnswer {
  /// The class of the highest probability, the lowest index where several tie.
  var likeliest: Int {
    probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }
}
