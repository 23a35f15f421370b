import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Ways in which a file says that a pixel holds no measurement, each written by GDAL itself.
@Suite("No-data, masks and alpha")
struct ValidityTests {
  let scratch = Scratch()

  /// The tests call GDAL themselves, whose functions are not there before it is loaded.
  init() { GDALLibrary.start() }

  @Test(
    "every type of GDAL reads in physical units, with its extremes and its no-data value",
    arguments: [
      ("Byte", 0.0, 255.0), ("UInt16", 0, 65_535), ("Int16", -32_768, 32_767), ("UInt32", 0, 4_294_967_295),
      ("Int32", -2_147_483_648, 2_147_483_647), ("Float32", -1e30, 1e30), ("Float64", -1e30, 1e30),
      ("Int64", -9_007_199_254_740_992, 9_007_199_254_740_992), ("UInt64", 0, 9_007_199_254_740_992),
    ])
  func types(name: String, low: Double, high: Double) throws {
    let path = try scratch.image(
      "a.tif", type: GDALGetDataTypeByName(name), bands: [[low, 17, 42, high]], width: 4
    ) { dataset in
      switch name {
      case "Int64": GDALSetRasterNoDataValueAsInt64(rasterBand(dataset, 1), 17)
      case "UInt64": GDALSetRasterNoDataValueAsUInt64(rasterBand(dataset, 1), 17)
      default: GDALSetRasterNoDataValue(rasterBand(dataset, 1), 17)
      }
      GDALSetRasterScale(rasterBand(dataset, 1), 0.5)
      GDALSetRasterOffset(rasterBand(dataset, 1), 3)
    }
    let file = try RasterFile(path: path)
    #expect(file.bands[0].dataType == name)
    #expect(file.bands[0].noData == 17)
    let values = try file.read(file.grid.bounds, band: 1)
    #expect(values[0] == Float(low * 0.5 + 3) && values[2] == 24 && values[3] == Float(high * 0.5 + 3))
    #expect(values[1].isNaN)
  }

  @Test("bytes marked as signed are negative above 127")
  func signedBytes() throws {
    let path = try scratch.image(
      "a.tif", bands: [[1, 255, 128, 127]], width: 4, creation: ["PIXELTYPE=SIGNEDBYTE"]
    ) {
      GDALSetRasterNoDataValue(rasterBand($0, 1), -128)
    }
    let file = try RasterFile(path: path)
    let values = try file.read(file.grid.bounds, band: 1)
    #expect(file.bands[0].dataType == "Int8")
    #expect(values[0] == 1 && values[1] == -1 && values[3] == 127)
    #expect(values[2].isNaN)
    #expect(try file.readValues(file.grid.bounds, band: 1) == [Int16(1), -1, -128, 127])
  }

  @Test("complex numbers are refused by name")
  func complex() throws {
    let path = try scratch.image("a.tif", type: GDT_CFloat32, bands: [[1, 2]], width: 2)
    let file = try RasterFile(path: path)
    let error = #expect(throws: RasterError.self) { try file.read(file.grid.bounds, band: 1) }
    #expect(error?.code == .unsupported)
    #expect(error?.description.contains("CFloat32") == true)
  }

  @Test("a mask inside the file hides pixels in all bands")
  func innerMask() throws {
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    defer { CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nil) }
    let path = try scratch.image("a.tif", bands: [[1, 2, 3, 4], [5, 6, 7, 8]], width: 2) { dataset in
      #expect(GDALCreateDatasetMaskBand(dataset, GMF_PER_DATASET) == CE_None)
      var mask: [UInt8] = [255, 0, 255, 0]
      _ = GDALRasterIO(
        GDALGetMaskBand(rasterBand(dataset, 1)), GF_Write, 0, 0, 2, 2, &mask, 2, 2, GDT_Byte, 0, 0)
    }
    #expect(try validity(path) == [true, false, true, false])
    #expect(try sceneValidity(path, bands: 2) == [true, false, true, false])
  }

  @Test("a mask beside the file is honoured, and a link to one beside it; what cannot be honoured is refused")
  func outerMask() throws {
    let path = try scratch.image("a.tif", bands: [[1, 2, 3, 4]], width: 2)
    let mask = try scratch.image("mask.tif", bands: [[255, 255, 0, 255]], width: 2)
    try FileManager.default.copyItem(atPath: mask, toPath: path + ".msk")
    #expect(try validity(path) == [true, true, false, true])
    try FileManager.default.removeItem(atPath: path + ".msk")
    try FileManager.default.createSymbolicLink(atPath: path + ".msk", withDestinationPath: mask)
    #expect(try validity(path) == [true, true, false, true])
    let elsewhere = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: elsewhere) }
    try FileManager.default.moveItem(atPath: mask, toPath: elsewhere + "/mask.tif")
    for (target, code) in [
      (elsewhere + "/mask.tif", RasterError.Code.refusedPath), ("none", .notFound),
      ("/dev/zero", .refusedPath),
    ] {
      try FileManager.default.removeItem(atPath: path + ".msk")
      try FileManager.default.createSymbolicLink(atPath: path + ".msk", withDestinationPath: target)
      let error = #expect(throws: RasterError.self) { try RasterFile(path: path) }
      #expect(error?.code == code && error?.path == path + ".msk", "\(target)")
    }
    try FileManager.default.removeItem(atPath: path + ".msk")
    #expect(mkfifo(path + ".msk", 0o600) == 0)
    #expect(#expect(throws: RasterError.self) { try RasterFile(path: path) }?.code == .refusedPath)
    try FileManager.default.removeItem(atPath: path + ".msk")
    let small = try scratch.image("small.tif", bands: [[255]], width: 1)
    try FileManager.default.moveItem(atPath: small, toPath: path + ".msk")
    #expect(throws: RasterError.self) { try RasterFile(path: path) }
  }

  @Test("transparent pixels are invalid, nearly transparent ones are not, in 8 and 16 bits")
  func alpha() throws {
    for type in [GDT_Byte, GDT_UInt16] {
      let path = try scratch.image(
        "a\(type.rawValue).tif", type: type, bands: [[9, 9, 9], [9, 9, 9], [9, 9, 9], [0, 1, 255]], width: 3,
        creation: ["PHOTOMETRIC=RGB", "ALPHA=YES"])
      let file = try RasterFile(path: path)
      #expect(file.measuredBands.map(\.index) == [1, 2, 3])
      #expect(try validity(path) == [false, true, true])
      #expect(try sceneValidity(path, bands: 3) == [false, true, true])
    }
  }

  @Test("a no-data value of one band leaves the others valid in the file, and none in the scene")
  func severalBands() throws {
    let path = try scratch.image("a.tif", type: GDT_Int16, bands: [[-1, 2, 3], [4, -1, 6]], width: 3) {
      dataset in
      for index in 1...2 { GDALSetRasterNoDataValue(rasterBand(dataset, Int32(index)), -1) }
    }
    let file = try RasterFile(path: path)
    #expect(try file.readValidity(file.grid.bounds, bands: [1]) == [false, true, true])
    #expect(try sceneValidity(path, bands: 2) == [false, false, true])
  }

  @Test(
    "JPEG 2000, PNG and JPEG read like TIFF",
    arguments: [("JP2OpenJPEG", "jp2"), ("PNG", "png"), ("JPEG", "jpg")])
  func otherFormats(driver: String, suffix: String) throws {
    let stored = (0..<64 * 64).map { Double($0 / 64 * 3) }
    let lossless = driver == "JP2OpenJPEG" ? ["REVERSIBLE=YES", "QUALITY=100"] : []
    let path = try scratch.image(
      "scene.\(suffix)", driver: driver, bands: [stored], width: 64, creation: lossless)
    let scene = try Scene(SceneSource(path: path), sensor: .custom(bands: ["gray"]), bands: ["gray"])
    let block = try scene.read(scene.grid.bounds)
    let tolerance = driver == "JPEG" ? 6.0 : 0
    #expect(zip(block.values, stored).allSatisfy { abs(Double($0) - $1) <= tolerance })
    #expect(block.valid.allSatisfy { $0 })
    #expect((scene.grid.transform == nil) == (driver != "JP2OpenJPEG"))
  }

  @Test("a coarse band's no-data value is not mixed into its neighbours")
  func coarseNoData() throws {
    let directory = try scratch.directory("scene")
    _ = try scratch.raster(
      "scene/B02.tif", grid: utmGrid(8, 8), bands: [[UInt16](repeating: 500, count: 64)],
      options: .init(type: .uint16, bandNames: [""]))
    let coarse = Grid(
      width: 4, height: 4, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 20),
      crs: utm)
    let stored = (0..<16).map { UInt16($0 % 4 < 2 ? 1000 : 65_535) }
    _ = try scratch.raster(
      "scene/B11.tif", grid: coarse, bands: [stored],
      options: .init(type: .uint16, bandNames: [""], noData: 65_535))
    let scene = try Scene(SceneSource(path: directory), sensor: .sentinel2L2A, bands: ["B02", "B11"])
    let block = try scene.read(scene.grid.bounds)
    for pixel in 0..<64 where block.valid[pixel] { #expect(block.values[64 + pixel] == 0.1) }
    #expect((0..<64).allSatisfy { $0 % 8 > 3 || block.valid[$0] })
    #expect((0..<64).allSatisfy { $0 % 8 < 6 || !block.valid[$0] })
  }

  private func validity(_ path: String) throws -> [Bool] {
    let file = try RasterFile(path: path)
    return try file.readValidity(file.grid.bounds)
  }

  private func sceneValidity(_ path: String, bands: Int) throws -> [Bool] {
    let names = (1...bands).map { "band\($0)" }
    let scene = try Scene(SceneSource(path: path), sensor: .custom(bands: names), bands: names)
    return try scene.read(scene.grid.bounds).valid
  }
}
