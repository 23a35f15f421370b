import Classes
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Labels")
struct LabelTests {
  let scratch = Scratch()
  let classes = [
    LandClass(value: 1, name: "water"), LandClass(value: 5, name: "Built-up area"),
    LandClass(value: 0, name: "other"),
  ]
  let none = ClassIndex.none

  @Test("raster values become class indices; values outside the classes and no-data are unlabelled")
  func raster() throws {
    let grid = utmGrid(6, 1)
    let path = try scratch.raster(
      "labels.tif", grid: grid, bands: [[UInt8(1), 5, 0, 9, 255, 1]],
      options: .init(type: .byte, bandNames: ["labels"], noData: 255))
    let labels = try Labels(LabelSource(path: path), classes: classes, on: grid)
    #expect(try labels.read(grid.bounds) == [0, 1, 2, none, none, 0])
    #expect(try labels.counts() == [2, 1, 1])
    #expect(try labels.bounds() == grid.bounds)
    let beyond = Window(column: -2, row: -1, width: 4, height: 2)
    #expect(try labels.read(beyond) == [none, none, none, none, none, none, 0, 1])
    #expect(try labels.read(Window(column: 50, row: 0, width: 1, height: 1)) == [none])
  }

  @Test("a no-data value that is also a class value is no label")
  func noDataWins() throws {
    let grid = utmGrid(3, 1)
    let path = try scratch.raster(
      "labels.tif", grid: grid, bands: [[UInt8(0), 1, 5]],
      options: .init(type: .byte, bandNames: ["labels"], noData: 0))
    #expect(
      try Labels(LabelSource(path: path), classes: classes, on: grid).read(grid.bounds) == [none, 0, 1])
  }

  @Test("pictures without a position fit by their size alone, and not otherwise")
  func withoutPosition() throws {
    let bare = Grid(width: 4, height: 2)
    let path = try scratch.raster(
      "labels.tif", grid: bare, bands: [[UInt8](repeating: 1, count: 8)],
      options: .init(type: .byte, bandNames: ["labels"]))
    #expect(try Labels(LabelSource(path: path), classes: classes, on: bare).counts() == [8, 0, 0])
    for grid in [Grid(width: 5, height: 2), utmGrid(4, 2)] {
      let error = #expect(throws: RasterError.self) {
        try Labels(LabelSource(path: path), classes: classes, on: grid)
      }
      #expect(error?.code == .gridMismatch)
      #expect(error?.description.contains("labels.tif") == true)
    }
  }

  /// Labels on a grid of 30 m that begins 13 m beside the scene, against the definition: the class of the
  /// label pixel below the pixel's centre.
  @Test("labels on another grid of the same system are taken by nearest neighbour", arguments: 1...5)
  func otherGrid(seed: Int) throws {
    var random = SeededNumbers(seed: seed)
    let coarse = Grid(
      width: 9, height: 8, transform: GeoTransform(originX: 600_013, originY: 5_200_017, pixelSize: 30),
      crs: utm)
    let stored = (0..<72).map { _ in [UInt8(0), 1, 5].randomElement(using: &random)! }
    let path = try scratch.raster(
      "labels.tif", grid: coarse, bands: [stored], options: .init(type: .byte, bandNames: ["labels"]))
    let grid = utmGrid(40, 30)
    let labels = try Labels(LabelSource(path: path), classes: classes, on: grid)
    let inverse = try #require(coarse.transform?.inverse)
    let window = Window(column: 3, row: 1, width: 31, height: 29)
    let read = try labels.read(window)
    for row in 0..<window.height {
      for column in 0..<window.width {
        let point = north.apply(column: Double(column + 3) + 0.5, row: Double(row + 1) + 0.5)
        let place = inverse.apply(column: point.x, row: point.y)
        let (x, y) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
        let expected =
          coarse.bounds.contains(column: x, row: y)
          ? UInt8(classes.firstIndex { $0.value == stored[y * 9 + x] }!) : none
        #expect(read[row * window.width + column] == expected, "column \(column), row \(row)")
      }
    }
    #expect(try labels.bounds() == Window(column: 1, row: 0, width: 27, height: 22))
  }

  @Test("labels in another system land on the same ground, whatever the window")
  func otherSystem() throws {
    // On the central meridian of the zone, 46.9517 N is 5,199,796.73 m north (gdaltransform, PROJ 9.1.1).
    let grid = Grid(
      width: 40, height: 40, transform: GeoTransform(originX: 500_000, originY: 5_200_000, pixelSize: 10),
      crs: utm)
    let degrees = Grid(
      width: 400, height: 400, transform: GeoTransform([8.9995, 0.00002, 0, 46.9565, 0, -0.00002]),
      crs: try .epsg(4326))
    let stored = (0..<400 * 400).map { UInt8($0 / 400 < 240 ? 1 : 5) }
    let path = try scratch.raster(
      "labels.tif", grid: degrees, bands: [stored], options: .init(type: .byte, bandNames: ["labels"]))
    let labels = try Labels(LabelSource(path: path), classes: classes, on: grid)
    let read = try labels.read(grid.bounds)
    let boundary = Int((5_200_000 - 5_199_796.73) / 10)
    for row in 0..<40 where row != boundary {
      #expect(read[row * 40 + 1] == (row < boundary ? 0 : 1), "row \(row)")
    }
    for window in [
      Window(column: 3, row: 5, width: 20, height: 31), Window(column: 39, row: 39, width: 1, height: 1),
    ] {
      let part = try labels.read(window)
      for row in window.rows {
        for column in window.columns {
          let place = (row - window.row) * window.width + column - window.column
          #expect(part[place] == read[row * 40 + column], "column \(column), row \(row)")
        }
      }
    }
  }

  /// A GeoJSON of squares in UTM 32N; each is (column, row, side, properties) in pixels of the 10 m grid.
  private func geojson(
    _ name: String, system: String = "urn:ogc:def:crs:EPSG::32632",
    _ squares: [(Double, Double, Double, String)]
  ) throws -> String {
    let features = squares.map { column, row, side, properties in
      let (left, top) = (600_000 + column * 10, 5_200_000 - row * 10)
      let (right, bottom) = (left + side * 10, top - side * 10)
      let ring = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        .map { "[\($0.0), \($0.1)]" }.joined(separator: ", ")
      return """
        {"type": "Feature", "properties": {\(properties)},
         "geometry": {"type": "Polygon", "coordinates": [[\(ring)]]}}
        """
    }
    return try scratch.write(
      """
      {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "\(system)"}},
       "features": [\(features.joined(separator: ",\n"))]}
      """, to: name)
  }

  @Test("polygons are burnt where a pixel's centre lies inside, by number or by name, later ones on top")
  func vector() throws {
    let grid = utmGrid(8, 8)
    let byName = try geojson(
      "names.geojson",
      [
        (1, 1, 3, "\"class\": \"WATER\""), (2.4, 2.4, 2, "\"class\": \"built-up area \""),
        (0, 0, 1, "\"class\": \"moor\""),
      ])
    let byValue = try geojson("values.geojson", [(1, 1, 3, "\"code\": 1"), (2.4, 2.4, 2, "\"code\": 5")])
    var expected = [UInt8](repeating: none, count: 64)
    for row in 1..<4 { for column in 1..<4 { expected[row * 8 + column] = 0 } }
    for row in 2..<4 { for column in 2..<4 { expected[row * 8 + column] = 1 } }
    let labels = try Labels(LabelSource(path: byName), classes: classes, on: grid)
    #expect(try labels.read(grid.bounds) == expected)
    #expect(try labels.bounds() == Window(column: 1, row: 1, width: 3, height: 3))
    let numbers = try Labels(LabelSource(path: byValue, field: "CODE"), classes: classes, on: grid)
    #expect(try numbers.read(grid.bounds) == expected)
    let part = Window(column: 2, row: 3, width: 4, height: 2)
    #expect(try numbers.read(part) == [1, 1, none, none, none, none, none, none])
  }

  @Test("polygons on a rotated grid are burnt where its pixels lie")
  func rotated() throws {
    let grid = Grid(
      width: 30, height: 30, transform: GeoTransform([600_100, 6, 8, 5_199_900, 8, -6]), crs: utm)
    let path = try geojson("a.geojson", [(12, 8, 15, "\"class\": 1")])
    let read = try Labels(LabelSource(path: path), classes: classes, on: grid).read(grid.bounds)
    for row in 0..<30 {
      for column in 0..<30 {
        let point = grid.transform!.apply(column: Double(column) + 0.5, row: Double(row) + 0.5)
        let inside = (600_120..<600_270).contains(point.x) && (5_199_770..<5_199_920).contains(point.y)
        let onEdge =
          [600_120.0, 600_270].contains { abs(point.x - $0) < 1 }
          || [5_199_770.0, 5_199_920].contains { abs(point.y - $0) < 1 }
        if !onEdge { #expect(read[row * 30 + column] == (inside ? 0 : none), "column \(column), row \(row)") }
      }
    }
  }

  @Test("polygons in degrees are reprojected to the scene")
  func reprojected() throws {
    let grid = utmGrid(20, 20)
    // 600,080 m east, 5,199,920 m north of zone 32 lie at 10.315064 E, 46.945257 N (gdaltransform, PROJ
    // 9.1.1): the box ends there, on the corner between the eighth and the ninth pixel.
    let path = try scratch.write(
      """
      {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"class": "water"},
       "geometry": {"type": "Polygon", "coordinates":
        [[[10.30, 46.945257], [10.315064, 46.945257], [10.315064, 46.96], [10.30, 46.96], [10.30, 46.945257]]]}}]}
      """, to: "degrees.geojson")
    let read = try Labels(LabelSource(path: path), classes: classes, on: grid).read(grid.bounds)
    #expect(read[0] == 0 && read[6 * 20 + 6] == 0)
    #expect(read[8 * 20 + 8] == none && read[12] == none && read[12 * 20] == none)
  }

  @Test("an unknown field, an unknown class and labels elsewhere are told apart, with what there is")
  func errors() throws {
    let grid = utmGrid(8, 8)
    let path = try geojson("a.geojson", [(1, 1, 3, "\"kind\": \"moor\", \"area\": 9")])
    let field = #expect(throws: RasterError.self) {
      try Labels(LabelSource(path: path, field: "class"), classes: classes, on: grid)
    }
    #expect(field?.code == .badField)
    #expect(field?.description == "\(path): cannot find the field 'class': its fields are kind, area")
    let value = #expect(throws: RasterError.self) {
      try Labels(LabelSource(path: path, field: "kind"), classes: classes, on: grid)
    }
    #expect(value?.code == .noLabels)
    #expect(value?.description.contains("the field holds moor") == true)
    let layer = #expect(throws: RasterError.self) {
      try Labels(LabelSource(path: path, layer: "roads"), classes: classes, on: grid)
    }
    #expect(layer?.description.contains("its layers are a") == true)
    let away = try geojson("b.geojson", [(500, 500, 3, "\"class\": 1")])
    let outside = #expect(throws: RasterError.self) {
      try Labels(LabelSource(path: away), classes: classes, on: grid)
    }
    #expect(outside?.code == .noLabels)
    #expect(outside?.description.contains("1 features of the classes lie outside the scene") == true)
  }
}
