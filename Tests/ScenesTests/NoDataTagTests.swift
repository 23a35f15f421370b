import CGDAL
import Classes
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// No-data tags that the type of the band cannot hold, as converters leave them.
@Suite("No-data tags and the types of bands")
struct NoDataTagTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  /// A tag of a type, and the value that it states, if any.
  struct Case: Sendable, CustomTestStringConvertible {
    let type: String
    let tag: String
    var value: Double?
    var testDescription: String { "\(tag) of \(type)" }
  }

  static let meaningless =
    ["-1", "256", "-9999", "65535", "0.5", "nan", "inf", "-inf", "1e40"].map { Case(type: "Byte", tag: $0) }
    + ["-1", "65536", "-9999", "0.5", "nan", "inf", "1e40", "-32768"].map { Case(type: "UInt16", tag: $0) }
    + ["32768", "65535", "-99999", "0.5", "nan", "-inf", "1e40"].map { Case(type: "Int16", tag: $0) }
    + ["-1", "4294967296", "-9999", "0.5", "nan", "inf", "1e40"].map { Case(type: "UInt32", tag: $0) }
    + ["2147483648", "-3e9", "0.5", "nan", "inf", "1e40"].map { Case(type: "Int32", tag: $0) }
    + ["nan", "0.5", "1e40", "inf", "-1e30"].map { Case(type: "Int64", tag: $0) }
    + ["-9999", "nan", "0.5", "1e40", "-inf"].map { Case(type: "UInt64", tag: $0) }
    + ["1e40", "-1e40", "1e39", "1e-50"].map { Case(type: "Float32", tag: $0) }
  static let meaningful = [
    Case(type: "Byte", tag: "255", value: 255), Case(type: "Byte", tag: "7.0", value: 7),
    Case(type: "UInt16", tag: "65535", value: 65_535), Case(type: "Int16", tag: "-9999", value: -9999),
    Case(type: "Int16", tag: "-32768", value: -32_768),
    Case(type: "UInt32", tag: "4294967295", value: 4_294_967_295),
    Case(type: "Int32", tag: "-2147483648", value: -2_147_483_648),
    Case(type: "Int64", tag: "-9999", value: -9999),
    Case(type: "Int64", tag: "9007199254740992", value: 9_007_199_254_740_992),
    Case(type: "UInt64", tag: "65535", value: 65_535), Case(type: "Int64", tag: "7.0", value: 7),
    Case(type: "Float32", tag: "-9999", value: -9999),
    Case(type: "Float32", tag: "0.1", value: Double(Float(0.1))),
    Case(type: "Float32", tag: "-3.40282347e+38", value: -Double(Float.greatestFiniteMagnitude)),
    Case(type: "Float64", tag: "1e40", value: 1e40),
  ]

  /// A file of three bands, the first row 0 in all of them, whose tag is written as it is.
  private func image(_ tagged: Case) throws -> String {
    // GDAL writes what it has understood: the text is put in its place.
    let place = String(repeating: "1", count: tagged.tag.count)
    let bands = (1...3).map { [0, 0, 0, 0] + [Double](repeating: Double(20 * $0), count: 8) }
    let path = try scratch.image(
      "a.tif", type: GDALGetDataTypeByName(tagged.type), bands: bands, width: 4
    ) { dataset in
      for index in 1...3 {
        let band = rasterBand(dataset, Int32(index))
        switch tagged.type {
        case "Int64": GDALSetRasterNoDataValueAsInt64(band, Int64(place)!)
        case "UInt64": GDALSetRasterNoDataValueAsUInt64(band, UInt64(place)!)
        default: GDALSetRasterNoDataValue(band, Double(place)!)
        }
      }
    }
    try scratch.patch(path, place + "\0", with: tagged.tag + "\0")
    return path
  }

  @Test(
    "a tag that the type cannot hold means nothing: the sensor's rule for fill holds", arguments: meaningless)
  func meansNothing(tagged: Case) throws {
    let path = try image(tagged)
    let band = try RasterFile(path: path).bands[0]
    #expect(band.noData == nil)
    #expect(band.unusableNoData != nil)
    let scene = try Scene(
      SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02", "B03", "B04"],
      bandOrder: ["B02", "B03", "B04"])
    let valid = try scene.read(scene.grid.bounds).valid
    #expect(valid == [false, false, false, false] + [Bool](repeating: true, count: 8))
    #expect(scene.notes.count == 1)
    #expect(scene.notes.first?.contains("is no value of \(tagged.type) and means nothing") == true)
    #expect(try RasterReport(path: path).description.contains("is no value of \(tagged.type)"))
  }

  @Test("a tag that the type can hold counts in the place of the sensor's rule", arguments: meaningful)
  func counts(tagged: Case) throws {
    let path = try image(tagged)
    let band = try RasterFile(path: path).bands[0]
    #expect(band.noData == tagged.value)
    #expect(band.unusableNoData == nil)
    let scene = try Scene(
      SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02", "B03", "B04"],
      bandOrder: ["B02", "B03", "B04"])
    #expect(try scene.read(scene.grid.bounds).valid.allSatisfy { $0 })
    #expect(scene.notes.isEmpty)
  }

  @Test(
    "bytes that are signed hold -128 to 127",
    arguments: [(-128.0, true), (127, true), (128, false), (255, false)])
  func signedBytes(value: Double, holds: Bool) throws {
    let path = try scratch.image("a.tif", bands: [[1, 2]], width: 2, creation: ["PIXELTYPE=SIGNEDBYTE"]) {
      GDALSetRasterNoDataValue(rasterBand($0, 1), value)
    }
    let band = try RasterFile(path: path).bands[0]
    #expect((band.noData == value) == holds)
    #expect((band.unusableNoData == nil) == holds)
  }

  @Test("twelve of sixteen bits hold no 65,535")
  func fewerBits() throws {
    let path = try scratch.image(
      "a.tif", type: GDT_UInt16, bands: [[1, 2]], width: 2, creation: ["NBITS=12"]
    ) {
      GDALSetRasterNoDataValue(rasterBand($0, 1), 65_535)
    }
    #expect(try RasterFile(path: path).bands[0].unusableNoData == "65535")
  }

  @Test(
    "floats of 16 and 24 bits are held against the float that the tag is stored as",
    arguments: [(16, -9999.0), (16, 0.1), (16, 1), (24, -999_999.5), (24, 0.1), (24, 1)])
  func shortFloats(bits: Int, noData: Double) throws {
    let values = [noData, 0.3, noData * 1.01, -noData]
    let path = try scratch.image(
      "a.tif", type: GDT_Float32, bands: [values], width: 4, creation: ["NBITS=\(bits)"]
    ) {
      GDALSetRasterNoDataValue(rasterBand($0, 1), noData)
    }
    let file = try RasterFile(path: path)
    #expect(try file.read(file.grid.bounds, band: 1).map(\.isNaN) == [true, false, false, false])
  }

  @Test("each file of a directory goes by its own tag, and those without one by the sensor's rule")
  func perFile() throws {
    let directory = try scratch.directory("scene")
    let tags: [(String, Double?, [Double])] = [
      ("B02", 0, [0, 5, 5, 0, 5]), ("B03", 65_535, [5, 65_535, 5, 0, 5]), ("B04", nil, [5, 5, 0, 0, 5]),
    ]
    for (name, tag, values) in tags {
      _ = try scratch.image("scene/\(name).tif", type: GDT_UInt16, bands: [values], width: 5) { dataset in
        if let tag { GDALSetRasterNoDataValue(rasterBand(dataset, 1), tag) }
      }
    }
    let scene = try Scene(SceneSource(path: directory), sensor: .sentinel2L2A, bands: ["B02", "B03", "B04"])
    #expect(try scene.read(scene.grid.bounds).valid == [false, false, true, false, true])
  }

  @Test("labels go by a tag that their type can hold, and by no other")
  func labels() throws {
    for (tag, expected) in [
      ("0.5", [ClassIndex.none, 0, 1, 1]), ("2.0", [ClassIndex.none, 0, ClassIndex.none, ClassIndex.none]),
    ] {
      let path = try scratch.image("labels.tif", bands: [[0, 1, 2, 2]], width: 2) {
        GDALSetRasterNoDataValue(rasterBand($0, 1), 111)
      }
      try scratch.patch(path, "111\0", with: tag + "\0")
      let grid = Grid(width: 2, height: 2, transform: north)
      let labels = try Labels(
        LabelSource(path: path),
        classes: [LandClass(value: 1, name: "one"), LandClass(value: 2, name: "two")], on: grid)
      #expect(try labels.read(grid.bounds) == expected)
    }
  }
}
