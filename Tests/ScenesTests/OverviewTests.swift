import CGDAL
import Classes
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Coarser copies of the pixels inside a file, made by any method or left from an older content.
@Suite("Overviews are not read in place of pixels")
struct OverviewTests {
  let scratch = Scratch()
  static let side = 64

  init() { GDALLibrary.start() }

  private let grid = Grid(
    width: side, height: side, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
    crs: utm)

  /// Every fourth pixel is bright.
  private let stored = (0..<side * side).map { place in
    place % side % 2 == 0 && place / side % 2 == 0 ? 4000.0 : 400
  }

  /// Builds overviews of what a file holds, then writes its pixels.
  private func image(_ name: String, older: Double?, method: String?, hasMask: Bool = false) throws -> String
  {
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    defer { CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nil) }
    let first = older.map { [Double](repeating: $0, count: stored.count) } ?? stored
    let path = try scratch.image(name, type: GDT_UInt16, bands: [first], width: Self.side, grid: grid) {
      dataset in
      guard hasMask else { return }
      #expect(GDALCreateDatasetMaskBand(dataset, GMF_PER_DATASET) == CE_None)
      var mask = (0..<stored.count).map { place -> UInt8 in place % Self.side < 16 ? 0 : 255 }
      let side = Int32(Self.side)
      _ = GDALRasterIO(
        GDALGetMaskBand(rasterBand(dataset, 1)), GF_Write, 0, 0, side, side, &mask, side, side, GDT_Byte, 0, 0
      )
    }
    guard let method else { return path }
    let dataset = try #require(GDALOpen(path, GA_Update))
    var levels: [Int32] = [2, 4, 8]
    #expect(GDALBuildOverviews(dataset, method, 3, &levels, 0, nil, nil, nil) == CE_None)
    var values = stored
    let side = Int32(Self.side)
    _ = GDALRasterIO(
      rasterBand(dataset, 1), GF_Write, 0, 0, side, side, &values, side, side, GDT_Float64, 0, 0)
    GDALClose(dataset)
    return path
  }

  private func block(_ path: String, _ resolution: Double) throws -> PixelBlock {
    let scene = try Scene(
      SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02"], bandOrder: ["B02"],
      resolution: resolution)
    return try scene.read(scene.grid.bounds)
  }

  @Test(
    "a file gives the same with and without overviews, whatever they hold",
    arguments: [13.0, 20, 25, 30, 40, 80, 160],
    [false, true])
  func overviews(resolution: Double, hasMask: Bool) throws {
    let plain = try block(image("plain.tif", older: nil, method: nil, hasMask: hasMask), resolution)
    #expect(plain.valid.contains(true))
    for (older, method) in [(nil, "NEAREST"), (nil, "AVERAGE"), (9000, "AVERAGE")] as [(Double?, String)] {
      let other = try block(
        image("\(older ?? 0)-\(method).tif", older: older, method: method, hasMask: hasMask), resolution)
      #expect(other == plain, "\(older ?? 0) \(method)")
    }
  }

  @Test("JPEG 2000 gives the mean of its pixels, not one of its levels", arguments: [20.0, 40, 80])
  func levels(resolution: Double) throws {
    let plain = try block(image("plain.tif", older: nil, method: nil), resolution)
    let path = try scratch.image(
      "a.jp2", driver: "JP2OpenJPEG", type: GDT_UInt16, bands: [stored], width: Self.side, grid: grid,
      creation: ["REVERSIBLE=YES", "QUALITY=100", "RESOLUTIONS=4"])
    #expect(try block(path, resolution) == plain)
  }

  @Test("labels are read from their pixels, and not from overviews", arguments: [10.0, 20, 40])
  func labels(pixel: Double) throws {
    let coarse = Grid(
      width: Int(640 / pixel), height: Int(640 / pixel),
      transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: pixel), crs: utm)
    func indices(_ method: String?) throws -> [UInt8] {
      let path = try image("\(method ?? "none")-labels.tif", older: nil, method: method)
      let dataset = try #require(GDALOpen(path, GA_Update))
      let side = Int32(Self.side)
      var values = stored.map { $0 > 1000 ? UInt8(1) : 2 }
      _ = GDALRasterIO(
        rasterBand(dataset, 1), GF_Write, 0, 0, side, side, &values, side, side, GDT_Byte, 0, 0)
      GDALClose(dataset)
      let labels = try Labels(
        LabelSource(path: path),
        classes: [LandClass(value: 1, name: "one"), LandClass(value: 2, name: "two")], on: coarse)
      return try labels.read(coarse.bounds)
    }
    #expect(try indices(nil) == indices("AVERAGE"))
  }
}
