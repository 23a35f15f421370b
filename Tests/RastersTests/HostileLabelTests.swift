import CGDAL
import Classes
import Foundation
import Rasters
import TestRasters
import Testing

/// Label files that would make GDAL, PROJ or SQLite look elsewhere, write beside them, or work for ever.
@Suite("Hostile labels", .serialized)
struct HostileLabelTests {
  let scratch = Scratch()
  let classes = [LandClass(value: 1, name: "water"), LandClass(value: 2, name: "trees")]

  private func open(_ path: String, layer: String? = nil) throws -> [Int] {
    try Labels(LabelSource(path: path, layer: layer), classes: classes, on: utmGrid(8, 8)).counts()
  }

  private func refusal(_ path: String, layer: String? = nil) -> RasterError? {
    #expect(throws: RasterError.self) { try open(path, layer: layer) }
  }

  private func geojson(crs: String, name: String = "crs", inside: String = "") throws -> String {
    let ring =
      "[[600010, 5199990], [600030, 5199990], [600030, 5199970], [600010, 5199970], [600010, 5199990]]"
    return try scratch.write(
      """
      {"type": "FeatureCollection", "\(name)": \(crs), "features": [{"type": "Feature",
       "properties": {"class": "water", "crs": "a word"},
       "geometry": {"type": "Polygon"\(inside), "coordinates": [\(ring)]}}]}
      """, to: "labels.geojson")
  }

  private static func named(_ name: String) -> String {
    #"{"type": "name", "properties": {"name": "\#(name)"}}"#
  }

  @Test(
    "a 'crs' that says the system by itself is read",
    arguments: [
      named("urn:ogc:def:crs:EPSG::32632"), named("EPSG:32632"),
      #"{"type": "EPSG", "properties": {"code": "32632"}}"#,
      named("http://www.opengis.net/def/crs/EPSG/0/32632"),
      named("+proj=utm +zone=32 +datum=WGS84 +units=m +nadgrids=@null"),
      #"{"type": "name", "properties": {"name": "EPSG:32632", "comment": "https://epsg.io/32632"}}"#,
    ])
  func harmless(crs: String) throws { #expect(try open(geojson(crs: crs)) == [4, 0]) }

  static let hostileNames = [
    "+proj=pipeline +step +proj=hgridshift +grids=/etc/passwd",
    "+proj=longlat +nadgrids=/etc/passwd +type=crs",
    "+proj=longlat +nadgrids=@null,../passwd.gsb", "+init=/etc/passwd:x",
    "+proj=utm +zone=32 +geoidgrids=@/etc/hosts",
    "+proj=hgridshift +grids=a.gsb", "http://127.0.0.1:9/crs", "https://example.org/def/crs/EPSG/0/4326",
    "/etc/passwd",
    "labels.prj", "@/etc/passwd", "file:///etc/passwd", "+proj=tinshift +file=/etc/hosts",
    "urn:ogc:def:crs:EPSG::http://127.0.0.1/x", "proj=longlat nadgrids=/etc/passwd",
    #"GEOGCS[\"x\",DATUM[\"x\",SPHEROID[\"x\",6378137,298],EXTENSION[\"PROJ4_GRIDS\",\"/etc/passwd\"]],EXTENSION[\"PROJ4\",\"+proj=longlat +nadgrids=/etc/passwd\"]]"#,
    #"BOUNDCRS[SOURCECRS[GEOGCRS[\"x\"]],ABRIDGEDTRANSFORMATION[\"y\",METHOD[\"NTv2\"],PARAMETERFILE[\"f\",\"/etc/passwd\"]]]"#,
    #"GEOGCS[\"x\",DATUM[\"x\",SPHEROID[\"x\",6378137,298],EXTENSION[\"PROJ4_GRIDS\",\"@../passwd\"]]]"#,
    #"GEOGCS[\"x\",DATUM[\"x\",SPHEROID[\"x\",6378137,298],EXTENSION[\"PROJ4_GRIDS\",\"null,/etc/passwd\"]]]"#,
    #"GEOGCS[\"x\",EXTENSION[\"PROJ4\",\"+proj=longlat +nadgrids=\"\"/etc/passwd\"\"\"]]"#,
    #"BOUNDCRS[SOURCECRS[GEOGCRS[\"x\"]],PARAMETERFILE[\"a\"\"b\",\"/etc/passwd\",ID[\"EPSG\",8656]]]"#,
    #"BOUNDCRS[SOURCECRS[GEOGCRS[\"x\"]],PARAMETERFILE[“a\"b”,“/etc/passwd”]]"#,
    #"BOUNDCRS[SOURCECRS[GEOGCRS[\"x\"]],PARAMETERFILE[a,/etc/passwd]]"#,
    "+proj=longlat +nadgrids=\u{308},/etc/passwd", "+proj=longlat +nadgrids=a],/etc/passwd",
    "+proj=longlat +nadgrids=a',/etc/passwd", "+proj=longlat +nadgrids=a , /etc/passwd +no_defs",
    #"+proj=longlat +nadgrids=a\",/etc/passwd"#, #"+proj=longlat +nadgrids=\"a ,/etc/passwd\""#,
    #"GEOGCS[\"x\",EXTENSION[\"PROJ4\",\"+proj=longlat +nadgrids=a],/etc/passwd +no_defs\"]]"#,
    #"GEOGCS[\"x\",EXTENSION[\"PROJ4\",\"+proj=longlat +nadgrids=a\"\",/etc/passwd\"]]"#,
    #"{\"type\": \"BoundCRS\", \"parameters\": [{\"value\": \"/etc/passwd\", \"value\": 1}]}"#,
    #"{\"type\": \"BoundCRS\", \"parameters\": [{\"value\" "#,
  ]

  @Test("a 'crs' that leads elsewhere is refused by name", arguments: hostileNames)
  func hostile(name: String) throws {
    let error = refusal(try geojson(crs: Self.named(name)))
    #expect(error?.code == .noCRS && error?.description.contains("labels.geojson") == true)
  }

  @Test(
    "links and ways to hide a 'crs' are refused",
    arguments: [
      (#"{"type": "link", "properties": {"href": "http://127.0.0.1:9/x", "type": "proj4"}}"#, "crs"),
      (#"{"type": "url", "properties": {"url": "http://127.0.0.1:9/x"}}"#, "crs"),
      (#"{"type": "Link", "properties": {"href": "/etc/passwd"}}"#, "CRS"),
      (named("/etc/passwd"), #"\u0063rs"#), (named("/etc/passwd"), "cRs"),
      (#"{"type": "name", "properties": {"Name": "/etc/passwd", "name": "EPSG:32632"}}"#, "crs"),
      (#"{"type": "custom", "properties": {"name": "EPSG:32632"}}"#, "crs"),
    ])
  func hidden(crs: String, name: String) throws {
    #expect(refusal(try geojson(crs: crs, name: name))?.code == .noCRS)
  }

  @Test("longitude and latitude by the name of the OGC are read, and so is a quote behind no grid")
  func plain() throws {
    #expect(refusal(try geojson(crs: Self.named("CRS:84")))?.code == .noLabels)
    let text = """
      GEOGCS["x",DATUM["x",SPHEROID["x",6378137,298.25]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],
      EXTENSION["PROJ4","+proj=longlat +ellps=WGS84 +nadgrids=@null"],AUTHORITY["EPSG","4326"]]
      """
    #expect(try CRS(text).isGeographic)
  }

  @Test("a 'crs' within a 'crs' is refused, however many there are", arguments: [2, 60_000])
  func deep(count: Int) throws {
    let path = try scratch.write(
      #"{"type":"FeatureCollection","features":[],"x":"# + String(repeating: #"{"crs":"#, count: count) + "{}"
        + String(repeating: "}", count: count + 1), to: "deep.geojson")
    let began = ContinuousClock.now
    #expect(refusal(path)?.code == .noCRS)
    #expect(ContinuousClock.now - began < .seconds(1))
  }

  @Test("a 'crs' inside of a geometry is looked at as well, and JSON of other quotes is none")
  func nested() throws {
    let inside = ", \"crs\": " + Self.named("/etc/passwd")
    #expect(refusal(try geojson(crs: Self.named("EPSG:32632"), inside: inside))?.code == .noCRS)
    let loose = try scratch.write(
      "{'type': 'FeatureCollection', 'crs': {}, 'features': []}", to: "loose.geojson")
    #expect(refusal(loose)?.code == .unreadable)
    let comment = try scratch.write(
      "{/* */ \"type\": \"FeatureCollection\", \"features\": []}", to: "b.geojson")
    #expect(refusal(comment)?.code == .unreadable)
  }

  private func geopackage(_ name: String = "labels.gpkg") -> String {
    let path = scratch.file(name)
    VectorMaker.write(
      [
        .init(type: wkbPolygon, features: [(VectorMaker.square(1, 1, 2), "water")]),
        .init(name: "notes", type: wkbNone, features: [(nil, "a note")]),
      ], to: path)
    return path
  }

  @Test("a table without geometries is no layer to choose from, and says so when it is named")
  func attributes() throws {
    let path = geopackage()
    #expect(try open(path) == [4, 0])
    #expect(
      refusal(path, layer: "notes")?.description.contains("a table without geometries; its layers are labels")
        == true)
  }

  @Test("a system of a GeoPackage that leads elsewhere is refused", arguments: hostileNames)
  func systems(name: String) throws {
    let path = geopackage()
    let text = name.replacing("\\\"", with: "\"").replacing("'", with: "''")
    VectorMaker.sql(["UPDATE gpkg_spatial_ref_sys SET definition = '\(text)' WHERE srs_id = 32632"], on: path)
    #expect(refusal(path)?.code == .noCRS)
  }

  @Test("a system that no layer uses may be anything, and an index of texts is no layer")
  func unused() throws {
    let path = geopackage()
    VectorMaker.sql(
      [
        "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition) VALUES ('x', 100777, 'NONE', 100777, '/etc/passwd')",
        "CREATE VIRTUAL TABLE ft5 USING fts5(x)", "CREATE VIRTUAL TABLE ft4 USING fts4(x)",
        "CREATE VIRTUAL TABLE ft3 USING fts3(x)",
      ], on: path)
    #expect(try open(path) == [4, 0])
    // GDAL makes 100777 of both.
    for used in ["'100777 x'", "4295068073"] {
      VectorMaker.sql(["UPDATE gpkg_geometry_columns SET srs_id = \(used)"], on: path)
      #expect(refusal(path)?.code == .noCRS)
    }
  }

  private static let endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"

  @Test("a view is no layer, and an endless one costs nothing")
  func views() throws {
    let path = geopackage()
    VectorMaker.sql(
      [
        "CREATE VIEW more AS \(Self.endless) i AS fid, (SELECT geom FROM labels) AS geom, 'trees' AS class FROM n",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('more', 'features', 'more', 32632)",
        "INSERT INTO gpkg_geometry_columns VALUES ('more', 'geom', 'POLYGON', 32632, 0, 0)",
      ], on: path)
    #expect(try open(path) == [4, 0])
    let named = refusal(path, layer: "more")
    #expect(named?.code == .unreadable && named?.description.contains("'more': it is a view") == true)
  }

  @Test(
    "tables of the format that are computed, and virtual tables, are refused before GDAL asks them anything",
    arguments: [
      ["ALTER TABLE gpkg_contents RENAME TO c", "CREATE VIEW gpkg_contents AS \(endless) c.* FROM n, c"],
      [
        "ALTER TABLE gpkg_spatial_ref_sys RENAME TO s",
        "CREATE VIEW gpkg_spatial_ref_sys AS SELECT srs_name, srs_id, organization, organization_coordsys_id, "
          + "CASE WHEN abs(random()) % 2 THEN '/etc/passwd' ELSE definition END AS definition, description FROM s",
      ],
      ["CREATE VIEW gpkg_ogr_contents_2 AS SELECT 1", "CREATE VIEW gpkg_extra AS \(endless) i FROM n"],
      [
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING VirtualText(''/etc/passwd'', utf8)')",
      ],
      [
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING VirtualOGR(''/etc/passwd'')')",
      ],
    ])
  func computed(statements: [String]) throws {
    let path = geopackage()
    VectorMaker.sql(["PRAGMA legacy_alter_table = ON"] + statements, on: path)
    let began = ContinuousClock.now
    #expect([.unsupported, .unreadable].contains(refusal(path)?.code))
    #expect(ContinuousClock.now - began < .seconds(20))
  }

  @Test("a layer with computed columns is refused")
  func generated() throws {
    let path = geopackage()
    VectorMaker.sql(["ALTER TABLE labels ADD COLUMN big AS (zeroblob(500000000))"], on: path)
    #expect(refusal(path, layer: "labels")?.code == .unreadable)
    let only = refusal(path)?.description
    #expect(only?.contains("'labels' has computed columns; export it to a table") == true)
  }

  @Test(
    "what SQLite keeps beside a GeoPackage is read and counted, and nothing is written beside it",
    arguments: [false, true])
  func writeAheadLog(isReadOnly: Bool) throws {
    let path = geopackage()
    let kept = try scratch.directory("kept")
    // The index's triggers call functions that only GDAL's own connections have.
    let triggers = (1...7).map { "DROP TRIGGER IF EXISTS rtree_labels_geom_update\($0)" }
    try VectorMaker.sql(
      triggers + [
        "PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", "UPDATE labels SET class = 'trees'",
      ],
      on: path
    ) {
      // As a program leaves them that was ended.
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: kept + "/labels.gpkg" + suffix)
      }
    }
    let names = { try FileManager.default.contentsOfDirectory(atPath: kept).sorted() }
    let content = { try names().map { try Data(contentsOf: URL(fileURLWithPath: kept + "/" + $0)) } }
    let (before, bytes) = (try names(), try content())
    if isReadOnly { try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: kept) }
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: kept) }
    #expect(try open(kept + "/labels.gpkg") == [0, 4])
    #expect(try names() == before && content() == bytes)
    #expect(try InputFiles.behind(kept + "/labels.gpkg") == ["", "-wal"].map { kept + "/labels.gpkg" + $0 })
  }

  @Test("a GeoPackage in WAL mode without a log is read in place")
  func cleanLog() throws {
    let path = geopackage()
    VectorMaker.sql(["PRAGMA journal_mode = WAL"], on: path)
    let before = scratch.entries
    #expect(try open(path) == [4, 0] && scratch.entries == before)
  }

  @Test("an unfinished transaction is left to the program that began it")
  func hotJournal() throws {
    let path = geopackage()
    try Data([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7] + [UInt8](repeating: 0, count: 504))
      .write(to: URL(fileURLWithPath: path + "-journal"))
    #expect(refusal(path)?.description.contains("a transaction was not finished") == true)
    #expect(try InputFiles.behind(path) == [path, path + "-journal"])
  }

  @Test("a projection beside a shapefile that names a file is refused; parts that are missing are named")
  func shapefile() throws {
    let path = scratch.file("labels.shp")
    VectorMaker.write(
      [.init(type: wkbPolygon, features: [(VectorMaker.square(1, 1, 2), "water")])], to: path,
      driver: "ESRI Shapefile")
    #expect(try open(path) == [4, 0])
    try scratch.write(
      "GEOGCS[\"x\",DATUM[\"x\",SPHEROID[\"x\",6378137,298]],EXTENSION[\"PROJ4\",\"+proj=longlat +nadgrids=/etc/passwd\"]]",
      to: "labels.prj")
    #expect(refusal(path)?.code == .noCRS)
    for part in ["shx", "prj"] { try FileManager.default.removeItem(atPath: scratch.file("labels." + part)) }
    #expect(refusal(path)?.description == "\(path): cannot open the vector file: its .shx is missing")
    try FileManager.default.removeItem(atPath: scratch.file("labels.dbf"))
    #expect(
      refusal(path)?.description == "\(path): cannot open the vector file: its .shx and .dbf are missing")
  }

  @Test(
    "files of other vector formats say what labels come in",
    arguments: [
      "labels.fgb", "labels.kml", "labels.geojsonl", "labels.csv", "labels.zip", "labels.shp.zip", "labels",
    ])
  func otherFormats(name: String) throws {
    let path = try scratch.write("something", to: name)
    let error = refusal(path)
    #expect(error?.code == .unsupported)
    #expect(error?.description.contains("labels are GeoPackage, GeoJSON or Shapefile") == true)
  }

  @Test("GeoJSON in metres without a system says how it was read")
  func metres() throws {
    let text = try String(contentsOfFile: geojson(crs: "null"), encoding: .utf8)
    let error = refusal(try scratch.write(text, to: "metres.geojson"))
    #expect(error?.code == .noLabels)
    #expect(
      error?.description.contains(
        "the first one lies at (600010, 5199970), and GeoJSON without a 'crs' is read as longitude and latitude"
      ) == true)
  }

  @Test("inspecting a vector file lists layers, fields and values with counts")
  func report() throws {
    let path = scratch.file("many.gpkg")
    VectorMaker.write(
      [
        .init(
          name: "fields", type: wkbPolygon,
          features: (0..<30).map { (VectorMaker.square(1, 1, 2), $0 < 5 ? "water" : "kind \($0)") } + [
            (nil, nil)
          ]),
        .init(name: "points", type: wkbPoint, features: [("POINT (600010 5199990)", "trees")]),
        .init(name: "notes", type: wkbNone, features: [(nil, "a note")]),
      ], to: path)
    let text = try VectorReport(path: path).description
    #expect(text.contains("many.gpkg: 2 layers with geometries"))
    #expect(text.contains("layer fields: 31 features, Polygon, WGS 84 / UTM zone 32N (EPSG:32632)"))
    #expect(text.contains("field class (String): water: 5, ") && text.contains(", and 7 more values"))
    #expect(text.contains("layer points: 1 features, Point") && !text.contains("notes"))
  }
}
