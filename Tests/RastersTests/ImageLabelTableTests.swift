import CGDAL
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Tables of labelled images")
struct ImageLabelTableTests {
  let scratch = Scratch()

  private func rows(_ text: String, field: String? = nil) throws -> [String] {
    let path = try scratch.write(text, to: "labels.csv")
    return try ImageLabelTable(path: path, field: field).rows.map {
      "\($0.number) \($0.path) \($0.labels.joined(separator: "+"))"
    }
  }

  @Test(
    "the columns of paths and labels are found by name, whatever its case, and the only other column needs none",
    arguments: [
      ("path,class\na.tif,water\n", nil), ("Label,PATH\nwater,a.tif\n", nil),
      ("id,class,file\n7,water,a.tif\n", nil), ("image,kind,by\na.tif,water,me\n", "Kind"),
      ("filename,class,species\na.tif,plants,water\n", "species"),
      ("\u{FEFF}path,class\r\n\"a.tif\",\"water\"\r\n", nil), ("path,class\ra.tif,water", nil),
    ])
  func columns(text: String, field: String?) throws {
    #expect(try rows(text, field: field) == ["2 a.tif water"])
  }

  @Test("several labels stand in one cell or in several rows, and an empty cell is no label")
  func several() throws {
    let text = "path,class\na.tif, water ; trees;\nb.tif,\n\n\"c, d.tif\",\"a \"\"b\"\"\"\na.tif,bare\n"
    #expect(
      try rows(text) == ["2 a.tif water+trees", "3 b.tif ", "5 c, d.tif a \"b\"", "6 a.tif bare"])
  }

  @Test(
    "what is no such table is refused with the file and the row",
    arguments: [
      (
        "name,class\na.tif,water\n", nil,
        "find a column of paths (path, file, image, filename): its columns are name, class"
      ),
      (
        "path,a,b\na.tif,1,2\n", nil,
        "find the column of labels ('field' names it): its columns are path, a, b"
      ),
      ("path,class\na.tif,water\n", "kind", "find the column 'kind': its columns are path, class"),
      ("path,class\na.tif,water\nb.tif\n", nil, "row 3: 1 cells where the first row has 2"),
      ("path,class\n\"a.tif,water\n", nil, "row 2: a quote is not closed"),
      ("path,class\n\"a.tif\"x,water\n", nil, "row 2: text follows a closing quote"),
      ("", nil, "it is empty"),
    ] as [(String, String?, String)])
  func refused(text: String, field: String?, says: String) throws {
    let error = #expect(throws: RasterError.self) { try rows(text, field: field) }
    #expect(error?.description.contains("labels.csv: cannot ") == true)
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  @Test("bytes that are no UTF-8 are refused")
  func encoding() throws {
    let path = scratch.file("labels.csv")
    try Data("path,class\n".utf8 + [0xE4, 0x2C, 0x61]).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: RasterError.self) { try ImageLabelTable(path: path) }
    #expect(error?.description.contains("row 2: it is not UTF-8 text") == true)
  }

  @Test("a table of a GeoPackage needs no geometries")
  func table() throws {
    let path = scratch.file("labels.gpkg")
    VectorMaker.write([.init(type: wkbNone, features: [(nil, "water;trees"), (nil, nil)])], to: path)
    VectorMaker.sql(
      ["ALTER TABLE labels ADD COLUMN path TEXT", "UPDATE labels SET path = 'image' || fid || '.tif'"],
      on: path)
    let rows = try ImageLabelTable(path: path).rows
    #expect(rows.map(\.path) == ["image1.tif", "image2.tif"])
    #expect(rows.map(\.labels) == [["water", "trees"], []] && rows.map(\.number) == [1, 2])
  }

  @Test("features with geometries are rows as well, and a number is a label")
  func features() throws {
    let path = try scratch.write(
      """
      {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"image": "a.tif", "value": 7}},
        {"type": "Feature", "geometry": null, "properties": {"image": "b.tif", "value": 3}}]}
      """, to: "labels.geojson")
    let rows = try ImageLabelTable(path: path).rows
    #expect(rows.map(\.path) == ["a.tif", "b.tif"] && rows.map(\.labels) == [["7"], ["3"]])
  }

  @Test("what is written as comma-separated values reads back the same", arguments: 1...20)
  func roundTrip(seed: Int) throws {
    var random = SeededNumbers(seed: seed)
    let letters = ["a", ",", "\"", "\r\n", "\n", " ", "ü", ";"]
    let table = (0..<20).map { _ in
      (0..<3).map { _ in
        (0...Int.random(in: 0..<6, using: &random)).map { _ in letters.randomElement(using: &random)! }
          .joined()
      }
    }
    let text = table.map(CommaSeparatedValues.line).joined()
    #expect(try CommaSeparatedValues.rows(of: Data(text.utf8)).map(\.cells) == table)
  }
}
