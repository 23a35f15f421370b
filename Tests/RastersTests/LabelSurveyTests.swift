import CGDAL
import Classes
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("What of labels counts for nothing")
struct LabelSurveyTests {
  let scratch = Scratch()
  let classes = [
    LandClass(value: 1, name: "water"), LandClass(value: 2, name: "trees"),
    LandClass(value: 3, name: "cropland"),
  ]

  private func survey(_ path: String, on grid: Grid) throws -> LabelSurvey {
    try Labels(LabelSource(path: path), classes: classes, on: grid).survey()
  }

  @Test(
    "a raster's values of no class are counted, the usual fill apart from others", arguments: [false, true])
  func raster(isWarped: Bool) throws {
    let grid = utmGrid(6, 2)
    let path = try scratch.raster(
      "labels.tif", grid: grid, bands: [[UInt8(1), 1, 30, 30, 0, 255, 2, 30, 9, 7, 0, 0]],
      options: .init(type: .byte, bandNames: ["labels"], noData: 7))
    let survey = try survey(path, on: isWarped ? utmGrid(7, 2) : grid)
    #expect(survey.unit == .pixels && survey.pixels == [2, 1, 0])
    #expect(survey.others.map(\.value) == ["30", "9"] && survey.others.map(\.count) == [3, 1])
    #expect(survey.fill.map(\.value) == ["0", "255"] && survey.fill.map(\.count) == [3, 1])
  }

  @Test("a raster of measurements is summed up after some thousand values")
  func measurements() throws {
    let grid = utmGrid(100, 100)
    let path = try scratch.raster(
      "labels.tif", grid: grid, bands: [(0..<10_000).map { Float($0) + 0.5 }],
      options: .init(type: .float32, bandNames: ["labels"]))
    let survey = try survey(path, on: grid)
    #expect(survey.others.reduce(0) { $0 + $1.count } == 10_000 && survey.others.count < 5000)
    #expect(survey.others.last?.value == "further values")
  }

  @Test("features of no class, without a value, outside, and between pixel centres are counted")
  func vector() throws {
    let path = scratch.file("labels.gpkg")
    let wide = "POLYGON ((600002 5199998,600078 5199998,600078 5199996,600002 5199996,600002 5199998))"
    VectorMaker.write(
      [
        .init(features: [
          (VectorMaker.square(1, 1, 2), "water"), (VectorMaker.square(4, 4, 2), "crop land"),
          (VectorMaker.square(5, 5, 2), "crop land"), (VectorMaker.square(0, 0, 1), "moor"),
          (VectorMaker.square(2.1, 5.1, 0.3), "cropland"), (wide, "trees"),
          (VectorMaker.square(900, 5, 1), "trees"), (VectorMaker.square(3, 3, 1), nil), (nil, "trees"),
          // Covered by a later one: no fault of its own.
          (VectorMaker.square(6, 1, 1), "trees"), (VectorMaker.square(6, 1, 1), "water"),
        ])
      ], to: path)
    let survey = try survey(path, on: utmGrid(8, 8))
    #expect(survey.unit == .features && survey.pixels == [5, 0, 0])
    #expect(survey.others.map(\.value) == ["crop land", "moor"] && survey.others.map(\.count) == [2, 1])
    #expect(survey.uncovering == [0, 1, 1] && survey.outside == 1)
    #expect(survey.withoutValue == 1 && survey.withoutGeometry == 1)
  }

  @Test("values of a vector file that are no class are refused where the caller says so, all of them at once")
  func refused() throws {
    let path = scratch.file("labels.gpkg")
    VectorMaker.write(
      [.init(features: [(VectorMaker.square(1, 1, 2), "water"), (VectorMaker.square(4, 4, 2), "12")])],
      to: path)
    let error = #expect(throws: RasterError.self) {
      try Labels(LabelSource(path: path), classes: classes, on: utmGrid(8, 8)) { others in
        RasterError(.badField, others.map { "\($0.count) of \($0.value)" }.joined())
      }
    }
    #expect(error?.attempted == "1 of 12")
  }

  /// A circle of 30 m around the middle of the grid, as it may be drawn.
  private static let arc =
    "CIRCULARSTRING (600070 5199900,600100 5199930,600130 5199900,600100 5199870,600070 5199900)"
  private static let square =
    "((600070 5199870 5,600130 5199870 5,600130 5199930 5,600070 5199930 5,600070 5199870 5))"

  @Test(
    "curved and faceted geometries are burnt as what they outline, in any collection, in two to four dimensions",
    arguments: [
      ("CURVEPOLYGON (\(arc))", true), ("CURVEPOLYGON (COMPOUNDCURVE (\(arc)))", true),
      ("MULTISURFACE (CURVEPOLYGON (\(arc)))", true),
      ("GEOMETRYCOLLECTION (CURVEPOLYGON (\(arc)),POINT (600100 5199900))", true),
      ("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (MULTISURFACE (CURVEPOLYGON (\(arc)))))", true),
      (
        "CURVEPOLYGON Z (CIRCULARSTRING Z (600070 5199900 1,600100 5199930 2,600130 5199900 3,600100 5199870 4,600070 5199900 1))",
        true
      ),
      (
        "CURVEPOLYGON ZM (CIRCULARSTRING ZM (600070 5199900 1 1,600100 5199930 2 2,600130 5199900 3 3,600100 5199870 4 4,600070 5199900 1 1))",
        true
      ),
      (
        "MULTISURFACE (((600070 5199870,600130 5199870,600130 5199930,600070 5199930,600070 5199870)))", false
      ),
      ("POLYHEDRALSURFACE Z (\(square))", false),
      ("GEOMETRYCOLLECTION Z (POLYHEDRALSURFACE Z (\(square)))", false),
      (
        "TIN Z (((600070 5199870 0,600130 5199870 0,600130 5199930 0,600070 5199870 0)),((600070 5199870 0,600130 5199930 0,600070 5199930 0,600070 5199870 0)))",
        false
      ),
    ])
  func curved(text: String, isCircle: Bool) throws {
    let path = scratch.file("labels.gpkg")
    VectorMaker.write([.init(features: [(text, "water")])], to: path)
    let survey = try survey(path, on: utmGrid(20, 20))
    // Pixel centres within 30 m of the corner of four pixels, or in a square of 60 m.
    #expect(survey.pixels == [isCircle ? 32 : 36, 0, 0])
  }

  @Test("an open arc is burnt as a line")
  func line() throws {
    let path = scratch.file("labels.gpkg")
    VectorMaker.write(
      [
        .init(features: [
          (
            "MULTICURVE (CIRCULARSTRING (600070 5199900,600100 5199930,600130 5199900),(600010 5199995,600190 5199995))",
            "water"
          )
        ])
      ], to: path)
    #expect(try survey(path, on: utmGrid(20, 20)).pixels[0] > 24)
  }

  /// How a raster can hide pixels.
  enum Hiding: CaseIterable { case maskFile, innerMask, alpha }

  @Test("what a mask hides is unlabelled on any grid", arguments: Hiding.allCases, [0, 1, 2])
  func masked(hiding: Hiding, grid: Int) throws {
    let own = utmGrid(8, 4)
    // Written into a directory of its own, so that masks lie where GDAL puts them.
    let path = scratch.file("labels.tif")
    GDALLibrary.start()
    let bands: Int32 = hiding == .alpha ? 2 : 1
    CPLSetConfigOption("GDAL_TIFF_INTERNAL_MASK", hiding == .innerMask ? "YES" : "NO")
    defer { CPLSetConfigOption("GDAL_TIFF_INTERNAL_MASK", nil) }
    let options = hiding == .alpha ? CSLAddString(nil, "ALPHA=YES") : nil
    defer { CSLDestroy(options) }
    let file = GDALCreate(GDALGetDriverByName("GTiff"), path, 8, 4, bands, GDT_Byte, options)!
    var position = own.transform!.coefficients
    GDALSetGeoTransform(file, &position)
    GDALSetProjection(file, utm.wkt)
    var values = [UInt8](repeating: 1, count: 32)
    _ = GDALRasterIO(GDALGetRasterBand(file, 1)!, GF_Write, 0, 0, 8, 4, &values, 8, 4, GDT_Byte, 0, 0)
    var visible = (0..<32).map { UInt8($0 % 8 < 4 ? 0 : 255) }
    let mask: GDALRasterBandH
    if hiding == .alpha {
      mask = GDALGetRasterBand(file, 2)!
    } else {
      GDALCreateDatasetMaskBand(file, GMF_PER_DATASET)
      mask = GDALGetMaskBand(GDALGetRasterBand(file, 1)!)!
    }
    _ = GDALRasterIO(mask, GF_Write, 0, 0, 8, 4, &visible, 8, 4, GDT_Byte, 0, 0)
    GDALClose(file)
    let grids = [
      own, utmGrid(9, 4),
      Grid(
        width: 16, height: 8, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 5),
        crs: utm),
    ]
    let labels = try Labels(LabelSource(path: path), classes: classes, on: grids[grid])
    let width = grids[grid].width
    let read = try labels.read(grids[grid].bounds)
    for (index, value) in read.enumerated() {
      let east = Double(index % width) * grids[grid].transform!.columnX
      #expect(value == ((40..<80).contains(east) ? 0 : ClassIndex.none), "pixel \(index)")
    }
  }
}
