import Rasters
import TestRasters
import Testing

@Suite("Windows, geotransforms and grids")
struct GeometryTests {
  @Test("a window's strips cover it once, from top to bottom", arguments: 1...40)
  func strips(seed: Int) {
    var random = SeededNumbers(seed: seed)
    let window = Window(
      column: .random(in: -50...50, using: &random), row: .random(in: -50...50, using: &random),
      width: .random(in: 1...300, using: &random), height: .random(in: 1...300, using: &random))
    let strips = window.strips(ofHeight: .random(in: 1...70, using: &random))
    #expect(strips.reduce(0) { $0 + $1.pixelCount } == window.pixelCount)
    #expect(strips.flatMap { Array($0.rows) } == Array(window.rows))
    #expect(strips.allSatisfy { window.contains($0) && $0.columns == window.columns })
  }

  @Test("an intersection holds exactly the pixels of both windows", arguments: 1...40)
  func intersection(seed: Int) {
    var random = SeededNumbers(seed: seed)
    let windows = (0..<2).map { _ in
      Window(
        column: .random(in: -9...9, using: &random), row: .random(in: -9...9, using: &random),
        width: .random(in: 0...9, using: &random), height: .random(in: 0...9, using: &random))
    }
    let common = windows[0].intersection(windows[1])
    for column in -20...20 {
      for row in -20...20 {
        let inBoth = windows.allSatisfy { $0.contains(column: column, row: row) }
        #expect(inBoth == (common?.contains(column: column, row: row) ?? false))
      }
    }
    let union = windows[0].union(windows[1])
    #expect(union.contains(windows[0]) && union.contains(windows[1]))
  }

  @Test(
    "a transform and its inverse meet again, also rotated, sheared and south-up",
    arguments: [
      [600_000, 10, 0, 5_200_000, 0, -10], [0, 0.5, 0, 0, 0, 0.25], [100, 8, 3, -200, 3, -8],
      [100, -2, 1, 7, 0.5, 3], [1e6, 0, 30, 2e6, 30, 0],
    ])
  func inverse(coefficients: [Double]) throws {
    let transform = GeoTransform(coefficients)
    let inverse = try #require(transform.inverse)
    for (column, row) in [(0.0, 0.0), (0.5, 0.5), (123.25, -7), (-40, 9999)] {
      let point = transform.apply(column: column, row: row)
      let back = inverse.apply(column: point.x, row: point.y)
      #expect(abs(back.x - column) < 1e-6 && abs(back.y - row) < 1e-6)
    }
    let part = transform.forWindow(Window(column: 17, row: 23, width: 4, height: 4))
    let here = transform.apply(column: 18.5, row: 25)
    let there = part.apply(column: 1.5, row: 2)
    #expect(abs(here.x - there.x) < 1e-6 && abs(here.y - there.y) < 1e-6)
  }

  @Test("a degenerate transform has no inverse and no area")
  func degenerate() {
    let flat = GeoTransform([0, 1, 2, 0, 2, 4])
    #expect(flat.inverse == nil)
    #expect(flat.pixelArea == 0)
    #expect(!GeoTransform([0, 1, 0, 0, 0, 1]).isNorthUp)
    #expect(north.isNorthUp)
  }

  @Test("grids are the same up to a hundredth of a pixel, and no further")
  func sameness() throws {
    let grid = utmGrid(100, 80)
    let shifted = { (metres: Double) in
      Grid(
        width: 100, height: 80,
        transform: GeoTransform(originX: 600_000 + metres, originY: 5_200_000, pixelSize: 10),
        crs: utm)
    }
    #expect(grid.isSame(as: shifted(0.09)))
    #expect(!grid.isSame(as: shifted(0.2)))
    #expect(grid.difference(from: utmGrid(100, 81))?.contains("100 x 80") == true)
    let other = Grid(width: 100, height: 80, transform: north, crs: try .epsg(32633))
    #expect(grid.difference(from: other)?.contains("EPSG:32633") == true)
    #expect(Grid(width: 5, height: 5).isSame(as: Grid(width: 5, height: 5)))
    #expect(!grid.isSame(as: Grid(width: 100, height: 80, transform: north)))
  }

  @Test("a pixel's area is known on projected grids only, in square metres whatever the unit")
  func area() throws {
    #expect(utmGrid(1, 1).pixelAreaInSquareMetres == 100)
    let degrees = Grid(width: 1, height: 1, transform: north, crs: try .epsg(4326))
    #expect(degrees.pixelAreaInSquareMetres == nil)
    let feet = Grid(width: 1, height: 1, transform: north, crs: try .epsg(2263))
    let area = try #require(feet.pixelAreaInSquareMetres)
    #expect(abs(area - 100 * 0.3048006096 * 0.3048006096) < 1e-6)
  }

  @Test(
    "a metre of a Mercator map, or of another that stretches with latitude, is none of ground",
    arguments: [
      "EPSG:3857", "EPSG:3395", "EPSG:3994", "EPSG:4087", "ESRI:53004", "ESRI:54003", "ESRI:54016",
      "+proj=merc +a=6378137 +b=6378137 +nadgrids=@null", "+proj=webmerc +datum=WGS84",
      "+proj=eqc +lat_ts=40",
    ])
  func stretched(definition: String) throws {
    let crs = try CRS(definition)
    #expect(crs.metresPerUnit == nil && !crs.isGeographic)
    let grid = Grid(width: 8, height: 8, transform: north, crs: crs)
    #expect(grid.pixelAreaInSquareMetres == nil)
    #expect {
      try grid.resampled(to: 20, path: "scene.tif")
    } throws: { "\($0)".contains("true to scale") }
  }

  @Test(
    "transverse and oblique Mercator projections, and those that keep areas, are true to the ground",
    arguments: ["EPSG:32633", "EPSG:2056", "EPSG:3375", "EPSG:3035", "EPSG:5069", "EPSG:6933"])
  func trueToScale(definition: String) throws {
    #expect(try CRS(definition).metresPerUnit == 1)
  }

  @Test("a system is recognised in another spelling, and keeps its name and code")
  func systems() throws {
    #expect(utm.authority == "EPSG:32632")
    #expect(utm.name == "WGS 84 / UTM zone 32N")
    #expect(utm.isSame(as: try CRS("+proj=utm +zone=32 +datum=WGS84 +units=m")))
    #expect(!utm.isSame(as: try .epsg(32633)))
    #expect(try CRS.epsg(4326).isGeographic)
    #expect(throws: RasterError.self) { try CRS("http://spatialreference.org/ref/epsg/4326/") }
    #expect(throws: RasterError.self) { try CRS("/etc/passwd") }
    #expect(throws: RasterError.self) { try CRS("EPSG:999999") }
  }
}
