import CGDAL
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Features that are written")
struct FeatureWriterTests {
  let scratch = Scratch()

  /// The tests call GDAL themselves, whose functions are not there before it is loaded.
  init() { GDALLibrary.start() }

  static let fields = [
    FeatureField("class", .text), FeatureField("confidence", .real), FeatureField("row", .integer),
  ]

  /// Squares of 640 m with a class, a share and a number.
  @discardableResult
  private func write(
    _ name: String, count: Int, crs: CRS? = utm, seed: Int = 1, in scratch: Scratch? = nil
  ) throws -> String {
    let path = (scratch ?? self.scratch).file(name)
    var random = SeededNumbers(seed: seed)
    let writer = try FeatureWriter(path: path, layer: "chips", crs: crs, fields: Self.fields)
    for index in 0..<count {
      let (x, y) = (600_000 + 640 * Double(index % 100), 5_200_000 - 640 * Double(index / 100))
      try writer.add(
        [(x, y), (x + 640, y), (x + 640, y - 640), (x, y - 640)],
        values: [
          .text(index % 3 == 0 ? "water, \"deep\"" : "trees"),
          .real(Double.random(in: 0...1, using: &random)),
          .integer(index),
        ])
    }
    try writer.close()
    return path
  }

  /// What GDAL reads of each feature: its fields as text and its outline.
  private func read(_ path: String) throws -> (system: String?, features: [[String?]]) {
    let file = try #require(
      GDALOpenEx(path, UInt32(GDAL_OF_VECTOR | GDAL_OF_READONLY), nil, nil, nil))
    defer { GDALClose(file) }
    let layer = try #require(GDALDatasetGetLayerByName(file, "chips"))
    var features: [[String?]] = []
    while let feature = OGR_L_GetNextFeature(layer) {
      defer { OGR_F_Destroy(feature) }
      var row = (0..<3).map { index -> String? in
        OGR_F_IsFieldSetAndNotNull(feature, Int32(index)) == 0
          ? nil : String(cString: OGR_F_GetFieldAsString(feature, Int32(index)))
      }
      var text: UnsafeMutablePointer<CChar>?
      let geometry = OGR_F_GetGeometryRef(feature)
      if geometry != nil { OGR_G_ExportToWkt(geometry, &text) }
      row.append(text.map { String(cString: $0) })
      VSIFree(text)
      features.append(row)
    }
    return (CRS(borrowing: OGR_L_GetSpatialRef(layer))?.authority, features)
  }

  @Test("a GeoPackage holds the polygons, their fields and their system, as GDAL reads them")
  func geoPackage() throws {
    let path = scratch.file("a.gpkg")
    let writer = try FeatureWriter(path: path, layer: "chips", crs: utm, fields: Self.fields)
    try writer.add(
      [(1, 2), (3, 2), (3, 5)], values: [.text("d'eau; «ü»"), .real(0.1), .integer(1 << 40)])
    try writer.add(nil, values: [nil, .real(.nan), .integer(-1)])
    try writer.close()
    let found = try read(path)
    #expect(found.system == "EPSG:32632")
    #expect(
      found.features == [
        ["d'eau; «ü»", "0.1", "1099511627776", "POLYGON ((1 2,3 2,3 5,1 2))"], [nil, nil, "-1", nil],
      ])
    #expect(scratch.entries == ["a.gpkg"])
    #expect(try lastChange(ofGeoPackage: path) == "2000-01-01T00:00:00.000Z")
  }

  @Test("polygons need no system")
  func withoutSystem() throws {
    let path = try write("a.gpkg", count: 3, crs: nil)
    #expect(try read(path).features.count == 3 && read(path).system == nil)
  }

  @Test("a CSV holds the fields, quoted where they must be")
  func table() throws {
    let path = scratch.file("a.csv")
    let writer = try FeatureWriter(path: path, layer: "chips", crs: nil, fields: Self.fields)
    try writer.add([(0, 0), (1, 0), (1, 1)], values: [.text("a, \"b\""), .real(0.1), .integer(-7)])
    try writer.add(nil, values: [.text("two\nlines"), .real(.infinity), nil])
    try writer.close()
    #expect(
      try String(contentsOfFile: path, encoding: .utf8)
        == "class,confidence,row\r\n\"a, \"\"b\"\"\",0.1,-7\r\n\"two\nlines\",,\r\n")
  }

  @Test("the same features give the same bytes at any time", arguments: ["a.gpkg", "a.csv"])
  func sameBytes(name: String) throws {
    let first = try Data(contentsOf: URL(fileURLWithPath: write(name, count: 4000)))
    // Over a file that is there as well.
    Thread.sleep(forTimeInterval: 1.1)
    #expect(try Data(contentsOf: URL(fileURLWithPath: write(name, count: 4000))) == first)
    #expect(try Data(contentsOf: URL(fileURLWithPath: write(name, count: 4000, seed: 2))) != first)
    #expect(scratch.entries == [name])
  }

  @Test("fifty thousand features are written within seconds", arguments: ["a.gpkg", "a.csv"])
  func speed(name: String) throws {
    let time = try ContinuousClock().measure { try write(name, count: 50_000) }
    #expect(time < .seconds(30), "\(time)")
    print("50,000 features of \(name): \(time)")
  }

  @Test("a file that is not finished does not stay", arguments: ["a.gpkg", "a.csv"])
  func abandoned(name: String) throws {
    do {
      let writer = try FeatureWriter(path: scratch.file(name), layer: "chips", crs: utm, fields: Self.fields)
      try writer.add(nil, values: [.text("a"), .real(1), .integer(2)])
    }
    #expect(scratch.entries.isEmpty)
  }

  @Test(
    "a place where nothing can be created is an error that names the path", arguments: ["a.gpkg", "a.csv"])
  func nowhere(name: String) throws {
    let error = #expect(throws: RasterError.self) { try write("nowhere/\(name)", count: 1) }
    #expect(error?.code == .cannotCreate && error?.path == scratch.file("nowhere/\(name)"))
  }

  /// Beyond the limit every write fails, as on a full disk.
  @Test("a file that cannot be written to its end is an error", arguments: [100, 5_000, 70_000, 110_000])
  func limitedFile(bytes: Int) async throws {
    await #expect(processExitsWith: .success) { [bytes = bytes as Int] in
      signal(SIGXFSZ, SIG_IGN)
      let tests = FeatureWriterTests()
      let sizes = try ["whole.gpkg", "whole.csv"].map {
        try Data(contentsOf: URL(fileURLWithPath: tests.write($0, count: 4000))).count
      }
      #expect(sizes.allSatisfy { $0 > 120_000 }, "\(sizes)")
      var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t.max)
      setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
      let codes: [RasterError.Code] = [.diskFull, .inputOutput, .cannotCreate]
      for name in ["torn.gpkg", "torn.csv"] {
        let torn = #expect(throws: RasterError.self) { try tests.write(name, count: 4000) }
        #expect(torn.map { codes.contains($0.code) } == true, "\(String(describing: torn))")
      }
      #expect(tests.scratch.entries == ["whole.csv", "whole.gpkg"])
    }
  }
}

/// What SQLite reads of a GeoPackage's own tables.
private func lastChange(ofGeoPackage path: String) throws -> String {
  var (database, statement): (OpaquePointer?, OpaquePointer?)
  #expect(sqlite3_open(path, &database) == SQLITE_OK)
  defer { sqlite3_close(database) }
  let query = "SELECT last_change FROM gpkg_contents"
  #expect(sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK)
  defer { sqlite3_finalize(statement) }
  #expect(sqlite3_step(statement) == SQLITE_ROW)
  return String(cString: sqlite3_column_text(statement, 0))
}
