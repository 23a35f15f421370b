import CGDAL
import Classes
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Memory and time by what a file holds, not by what it declares.
@Suite("Files that declare more than they hold")
struct BoundedReadingTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  @Test("A scene is not brought to pixels of which each is made of absurdly many of its own")
  func coarseResolution() throws {
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(2100, 2100), bands: [[UInt8](repeating: 1, count: 2100 * 2100)],
      options: .init(type: .byte, bandNames: ["B02"]))
    let open = { (metres: Double) in
      try Scene(SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02"], resolution: metres)
    }
    #expect(try open(20_000).grid.width == 1)
    let error = #expect(throws: RasterError.self) { try open(20_900) }
    #expect(error?.code == .gridMismatch && error?.cause?.contains("more than 4194304 of its own") == true)
  }

  @Test("A mask in one huge block is refused by name")
  func maskBlocks() throws {
    let path = try sparse("a.tif", 12_000, 12_000, ["TILED=YES"])
    let mask = try sparse("m.tif", 12_000, 12_000, ["TILED=YES", "BLOCKXSIZE=12000", "BLOCKYSIZE=12000"])
    try FileManager.default.moveItem(atPath: mask, toPath: path + ".msk")
    let error = #expect(throws: RasterError.self) { try RasterFile(path: path) }
    #expect(error?.code == .tooLarge && error?.path == path + ".msk")
  }

  /// Makes a TIFF of which no block is stored.
  private func sparse(_ name: String, _ width: Int32, _ height: Int32, bands: Int32 = 1, _ creation: [String])
    throws
    -> String
  {
    var options: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    for option in creation + ["SPARSE_OK=TRUE", "BIGTIFF=YES"] { options = CSLAddString(options, option) }
    defer { CSLDestroy(options) }
    let path = scratch.file(name)
    let dataset: GDALDatasetH? = GDALCreate(
      GDALGetDriverByName("GTiff"), path, width, height, bands, GDT_Byte, options)
    if let dataset { GDALClose(dataset) }
    return path
  }

  @Test(
    "Absurd sizes are refused by name, whichever way they are absurd",
    arguments: [
      (2_000_000_000, 1, 6, ["TILED=YES", "BLOCKXSIZE=65536", "BLOCKYSIZE=16"]),
      (60_000, 60_000, 1, ["TILED=YES", "BLOCKXSIZE=8192", "BLOCKYSIZE=8192"]),
      (4, 4, 20_000, ["INTERLEAVE=PIXEL"]), (4, 4, 5_000, ["INTERLEAVE=BAND"]),
    ] as [(Int32, Int32, Int32, [String])])
  func absurd(width: Int32, height: Int32, bands: Int32, creation: [String]) throws {
    let path = try sparse("absurd.tif", width, height, bands: bands, creation)
    let began = ContinuousClock.now
    let error = #expect(throws: RasterError.self) { try RasterReport(path: path) }
    #expect(error?.code == .tooLarge && error?.path == path, "\(error.map(\.description) ?? "")")
    #expect(ContinuousClock.now - began < .seconds(3))
  }

  @Test("An honest sparse raster is read, however wide its rows of blocks are")
  func honest() throws {
    // One row of 16 blocks, of which each is 16 MiB.
    let path = try sparse("wide.tif", 131_072, 2048, ["TILED=YES", "BLOCKXSIZE=8192", "BLOCKYSIZE=2048"])
    let report = try RasterReport(path: path)
    #expect(report.bands[0].validShare == 1 && report.bands[0].maximum == 0 && report.sampledShare < 0.1)
    try RasterFile.verify(path)
  }

  @Test("What inspect says of an ordinary raster is of the same rows as before")
  func sample() throws {
    let grid = utmGrid(700, 3000)
    let values = (0..<700 * 3000).map { UInt8(($0 / 700) % 251) }
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [values], options: .init(type: .byte, bandNames: ["x"]))
    let report = try RasterReport(path: path)
    // 12 rows of tiles of 256, five of them wanted, every second one from the second on.
    let rows = Array([1, 3, 5, 7, 9, 11].flatMap { ($0 * 256)..<min(3000, $0 * 256 + 256) })
    #expect(report.sampledShare == Double(rows.count) / 3000)
    #expect(abs(report.bands[0].mean! - Double(rows.reduce(0) { $0 + $1 % 251 }) / Double(rows.count)) < 1e-9)
  }

  @Test("A band's name of 800 KB is cut")
  func longName() throws {
    let name = "B02 " + String(repeating: "x", count: 800_000)
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(2, 2), bands: [[UInt8](repeating: 1, count: 4)],
      options: .init(type: .byte, bandNames: [name]))
    #expect(try RasterReport(path: path).description.utf8.count < 5_000)
    let error = #expect(throws: RasterError.self) {
      try Scene(SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B03"])
    }
    #expect((error?.description.utf8.count ?? 0) < 5_000)
    #expect(try Scene(SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02"]).bandCount == 1)
  }

  @Test(
    "A view of a GeoPackage that gives features without end is refused",
    arguments: [
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT n.i AS fid, geom, class FROM land, n",
      "SELECT a.fid AS fid, a.geom AS geom, a.class AS class FROM land a, land b, land c, land d, land e, land f, land g",
    ])
  func endlessView(query: String) throws {
    let path = scratch.file("l.gpkg")
    let features = (0..<40).map { index in
      let (x, y) = (600_000 + 5 * index, 5_199_900)
      return """
        {"type": "Feature", "properties": {"class": 1}, "geometry": {"type": "Polygon", "coordinates":
        [[[\(x), \(y)], [\(x + 90), \(y)], [\(x + 90), \(y + 90)], [\(x), \(y + 90)], [\(x), \(y)]]]}}
        """
    }
    let json = try scratch.write(
      "{\"type\": \"FeatureCollection\", \"features\": [\(features.joined(separator: ","))]}", to: "l.geojson"
    )
    let source = try #require(GDALOpenEx(json, UInt32(GDAL_OF_VECTOR), nil, nil, nil))
    let target: GDALDatasetH! = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, nil)
    let system = OSRNewSpatialReference(utm.wkt)
    _ = try #require(GDALDatasetCopyLayer(target, GDALDatasetGetLayer(source, 0), "land", nil))
    GDALDatasetExecuteSQL(target, "CREATE VIEW endless AS \(query)", nil, nil)
    for statement in [
      "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        + "SELECT 'endless', data_type, 'endless', srs_id FROM gpkg_contents WHERE table_name = 'land'",
      "INSERT INTO gpkg_geometry_columns SELECT 'endless', column_name, geometry_type_name, srs_id, z, m "
        + "FROM gpkg_geometry_columns WHERE table_name = 'land'",
    ] { GDALDatasetExecuteSQL(target, statement, nil, nil) }
    GDALClose(target)
    GDALClose(source)
    OSRDestroySpatialReference(system)
    let began = ContinuousClock.now
    let error = #expect(throws: RasterError.self) {
      let file = try Labels(
        LabelSource(path: path, field: "class", layer: "endless"),
        classes: [LandClass(value: 1, name: "one")],
        on: Grid(width: 20, height: 20, transform: north, crs: try CRS.epsg(4326)))
      _ = try file.counts()
    }
    #expect(error?.code == .unreadable, "\(error.map(\.description) ?? "")")
    #expect(ContinuousClock.now - began < .seconds(20))
  }

  @Test(
    "A scene is not brought to pixels that are absurdly finer than its own",
    arguments: [
      (1e5, true), (1e19, true), (1e200, true), (641, true), (640, false), (1e-150, true),
    ])
  func resolution(metres: Double, isRefused: Bool) throws {
    let grid = Grid(
      width: 64, height: 64, transform: GeoTransform(originX: 0, originY: 0, pixelSize: metres), crs: utm)
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [[UInt16](repeating: 1, count: 4096)],
      options: .init(type: .uint16, bandNames: ["B02"]))
    let open: () throws -> Scene = {
      try Scene(SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02"], resolution: 10)
    }
    guard isRefused else {
      #expect(try open().grid.width == 64 * 64)
      return
    }
    let error = #expect(throws: RasterError.self) { try open() }
    #expect(error?.code == .gridMismatch && error?.path == path)
  }
}
