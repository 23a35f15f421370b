import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Embeddings of other networks as scenes")
struct EmbeddingTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  private static let names = (0..<64).map { String(format: "A%02d", $0) }

  /// Writes numbers in so many bands, one row each; signed bytes as they lie in files.
  private func image(
    _ name: String, _ bands: [[Double]], type: GDALDataType = GDT_Byte, isSigned: Bool = true,
    names: [String],
    noData: Double? = nil, grid: Grid? = nil
  ) throws -> SceneSource {
    let stored = isSigned ? bands.map { $0.map { $0 < 0 ? $0 + 256 : $0 } } : bands
    let path = try scratch.image(
      name, type: type, bands: stored, width: grid?.width ?? bands[0].count, grid: grid,
      creation: isSigned ? ["PIXELTYPE=SIGNEDBYTE"] : []
    ) { dataset in
      for (index, text) in names.enumerated() {
        GDALSetDescription(GDALMajorObjectH(rasterBand(dataset, Int32(index + 1)).rawValue), text)
      }
      if let noData { GDALSetRasterNoDataValue(rasterBand(dataset, 1), noData) }
    }
    return try SceneSource(path: path)
  }

  /// Band n holds n - 32 and so on; the last pixel is no data in the first band.
  private var codes: [[Double]] {
    (0..<64).map { band in [Double(band) - 32, 127, -127, 0, band == 0 ? -128 : 5] }
  }

  private func value(_ code: Double) -> Float {
    Float(code < 0 ? -(code / 127.5 * (code / 127.5)) : code / 127.5 * (code / 127.5))
  }

  @Test(
    "AlphaEarth's signed bytes become sign(q) (q / 127.5)^2, -128 is no data, whatever the file says besides",
    arguments: [nil, -128, 0, 3] as [Double?])
  func alphaEarth(noData: Double?) throws {
    let source = try image("a.tif", codes, names: Self.names, noData: noData)
    let bands = ["A63", "A00", "A07"]
    let scene = try Scene(source, sensor: .alphaEarth, bands: bands)
    let block = try scene.read(scene.grid.bounds)
    // 0 is a value of embeddings, unless the file says that it is none.
    #expect(block.valid == [true, true, true, noData != 0, false])
    for (place, band) in [63, 0, 7].enumerated() {
      for pixel in 0..<5 where block.valid[pixel] {
        let expected = value(codes[band][pixel])
        #expect(abs(block.values[place * 5 + pixel] - expected) < 1e-7, "\(bands[place]), pixel \(pixel)")
      }
    }
  }

  @Test("A file without names has all bands in their order, or is refused")
  func unnamed() throws {
    let source = try image("a.tif", codes, names: [])
    let scene = try Scene(source, sensor: .alphaEarth, bands: ["A40"])
    #expect(try abs(scene.read(scene.grid.bounds).values[0] - value(8)) < 1e-7)
    let short = try image("b.tif", Array(codes.prefix(63)), names: [])
    let refusal = #expect(throws: RasterError.self) {
      try Scene(short, sensor: .alphaEarth, bands: ["A40"])
    }
    #expect(
      refusal?.description.contains("the file has 63 bands without names that alphaearth knows") == true)
  }

  @Test(
    "Numbers of another type are refused in words",
    arguments: [(GDT_Byte, "Byte"), (GDT_Float32, "Float32"), (GDT_Int16, "Int16"), (GDT_Float64, "Float64")])
  func otherType(type: GDALDataType, name: String) throws {
    let source = try image(
      "a.tif", [[0.5], [0.25]], type: type, isSigned: false, names: ["A00", "A01"])
    let refusal = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .alphaEarth, bands: ["A00", "A01"])
    }
    #expect(refusal?.code == .unsupported)
    #expect(
      refusal?.description.contains("is of type \(name), alphaearth is stored as Int8; 'sensor: custom'")
        == true
    )
  }

  @Test("Embeddings are mixed, not the bytes that stand for them, where a scene has larger pixels")
  func coarser() throws {
    let row: [Double] = [-100, 20, 127, 127, 60, 60, -128, 90]
    let grid = Grid(
      width: 4, height: 2, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
      crs: utm)
    let source = try image("a.tif", [row, row], names: ["A00", "A01"], grid: grid)
    let decoded = row.map { $0 == -128 ? Double.nan : Double(value($0)) }
    let values = try image(
      "b.tif", [decoded, decoded], type: GDT_Float32, isSigned: false, names: ["A00", "A01"], grid: grid)
    for bands in [["A00"], ["A00", "A01"]] {
      let scenes = try [
        Scene(source, sensor: .alphaEarth, bands: bands, resolution: 20),
        Scene(values, sensor: .custom(bands: bands), bands: bands, resolution: 20),
      ]
      let blocks = try scenes.map { try $0.read($0.grid.bounds) }
      #expect(blocks[0].valid == blocks[1].valid && blocks[0].valid == [true, true])
      for (found, expected) in zip(blocks[0].values, blocks[1].values) {
        #expect(abs(found - expected) < 1e-6, "\(bands)")
      }
    }
  }

  @Test("TESSERA's exports are read by geotessera's names; bytes, which need a scale a pixel, are refused")
  func tessera() throws {
    let names = (0..<128).map { "Tessera_Band_\($0)" }
    let values = (0..<128).map { [Double($0) / 4, $0 == 5 ? .nan : -1.5] }
    let source = try image("t.tif", values, type: GDT_Float32, isSigned: false, names: names)
    let scene = try Scene(source, sensor: .tessera, bands: ["T12", "T5", "T127"])
    let block = try scene.read(scene.grid.bounds)
    #expect(block.valid == [true, false])
    #expect([0, 2, 4].map { block.values[$0] } == [3, 1.25, 31.75])
    let bytes = try image("b.tif", [[3]], names: ["Tessera_Band_0"])
    let refusal = #expect(throws: RasterError.self) { try Scene(bytes, sensor: .tessera, bands: ["T0"]) }
    #expect(refusal?.description.contains("is of type Int8, tessera is stored as Float32") == true)
  }

  @Test("Inspection knows both by their bands, and says the rule")
  func report() throws {
    let southUp = Grid(
      width: 5, height: 1,
      transform: GeoTransform(
        originX: 600_000, columnX: 10, rowX: 0, originY: 5_200_000, columnY: 0, rowY: 10), crs: utm)
    let source = try image("a.tif", codes, names: Self.names, noData: -128, grid: southUp)
    let report = try #require(try SceneReport(source, at: (600_005, 5_200_005)))
    #expect(report.sensor == "alphaearth" && report.unit == "embedding" && report.bands.count == 64)
    #expect(
      report.description.contains("embedding = x |x|, x = 0.007843138 x stored, -128 no data"),
      "\(report.description)")
    #expect(report.bands[0].place?.stored == -32)
    #expect(abs(report.bands[0].place!.physical! - value(-32)) < 1e-7)
    let names = (0..<128).map { "Tessera_Band_\($0)" }
    let values = names.map { _ in [0.5, 1] }
    let other = try image("t.tif", values, type: GDT_Float32, isSigned: false, names: names)
    #expect(try SceneReport(other)?.sensor == "tessera")
    // A part of them is of no product.
    #expect(try SceneReport(image("c.tif", [[1]], names: ["A00"])) == nil)
  }
}
