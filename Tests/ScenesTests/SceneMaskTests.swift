import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Masks of scenes")
struct SceneMaskTests {
  let scratch = Scratch()
  private let folder = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE"

  private func grid(_ side: Int, metres: Double, east: Double = 0) -> Grid {
    Grid(
      width: side, height: side,
      transform: GeoTransform(originX: 600_000 + east, originY: 5_200_000, pixelSize: metres), crs: utm)
  }

  /// Writes a raster of `side` x `side` pixels over 240 m.
  private func raster<Value: RasterElement>(
    _ name: String, _ side: Int, _ type: PixelType, over metres: Double = 240,
    _ value: (_ column: Int, _ row: Int) -> Value
  ) throws {
    _ = try scratch.directory(URL(fileURLWithPath: name).deletingLastPathComponent().relativePath)
    try scratch.raster(
      name, grid: grid(side, metres: metres / Double(side)),
      bands: [(0..<side * side).map { value($0 % side, $0 / side) }],
      options: .init(type: type, bandNames: [""]))
  }

  /// Lays a Sentinel-2 product of 240 x 240 m whose scene classification has the classes of `classes` on a
  /// grid of 20 m, and no data in its north-western quarter.
  private func product(_ classes: (Int, Int) -> UInt8) throws -> SceneSource {
    let images = "\(folder)/GRANULE/L2A_T32TQM/IMG_DATA"
    for (band, metres) in [("B02", 10), ("B11", 20), ("B09", 60)] {
      let side = 240 / metres
      try raster(
        "\(images)/R\(metres)m/T32TQM_20230614T101031_\(band)_\(metres)m.tif", side, .uint16
      ) { column, row in
        column < side / 2 && row < side / 2 ? UInt16(0) : UInt16(2000 + 10 * column)
      }
    }
    try raster("\(images)/R20m/T32TQM_20230614T101031_SCL_20m.tif", 12, .byte) { column, row in
      column < 6 && row < 6 ? UInt8(0) : classes(column, row)
    }
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET></a>", to: folder + "/MTD_MSIL2A.xml")
    return try SceneSource(path: scratch.file(folder))
  }

  private func valid(
    _ source: SceneSource, _ bands: [String], _ masking: Masking = .product, resolution: Double? = nil
  ) throws -> [Bool] {
    let scene = try Scene(
      source, sensor: .sentinel2L2A, bands: bands, resolution: resolution, masking: masking)
    return try scene.read(scene.grid.bounds).valid
  }

  /// Which pixels of a square are outside of some blocks of it, in pixels.
  private func outside(_ side: Int, _ blocks: [Window]) -> [Bool] {
    (0..<side * side).map { pixel in
      !blocks.contains { $0.contains(column: pixel % side, row: pixel / side) }
    }
  }

  @Test(
    "No data has no rim, in every mix of resolutions",
    arguments: [["B02"], ["B02", "B11"], ["B02", "B09"], ["B02", "B11", "B09"], ["B11", "B09"]])
  func rim(bands: [String]) throws {
    let source = try product { _, _ in 4 }
    let side = bands.contains("B02") ? 24 : 12
    let fill = Window(column: 0, row: 0, width: side / 2, height: side / 2)
    #expect(try valid(source, bands) == outside(side, [fill]))
    #expect(try valid(source, bands, .none) == outside(side, [fill]))
  }

  @Test("A cloud hides its own pixels on finer grids, and every pixel that it touches on coarser ones")
  func grids() throws {
    // One pixel of 20 m, at column 9 and row 1 of the mask.
    let source = try product { column, row in column == 9 && row == 1 ? 9 : 4 }
    let fill = Window(column: 0, row: 0, width: 12, height: 12)
    let cloud = Window(column: 18, row: 2, width: 2, height: 2)
    #expect(try valid(source, ["B02"]) == outside(24, [fill, cloud]))
    #expect(try valid(source, ["B02"], .none) == outside(24, [fill]))
    let coarse = Window(column: 3, row: 0, width: 1, height: 1)
    let rest = Window(column: 0, row: 0, width: 2, height: 2)
    #expect(try valid(source, ["B09"]) == outside(4, [rest, coarse]))
    // Brought to 60 m, the pixel that holds the cloud is hidden as a whole.
    #expect(try valid(source, ["B02"], resolution: 60) == outside(4, [rest, coarse]))
    // Where a coarse band is hidden, so is the pixel.
    let below = Window(column: 18, row: 0, width: 6, height: 6)
    #expect(try valid(source, ["B02", "B09"]) == outside(24, [fill, below]))
  }

  @Test("Only what is to be hidden is; what was not measured as it should be always is")
  func words() throws {
    let classes: [UInt8] = [1, 2, 3, 6, 7, 8]
    let source = try product { column, row in row == 0 && column >= 6 ? classes[column - 6] : 4 }
    func hidden(_ masking: Masking) throws -> [Int] {
      let valid = try valid(source, ["B11"], masking)
      return (6..<12).filter { !valid[$0] }.map { Int(classes[$0 - 6]) }
    }
    #expect(try hidden(.product) == [1, 3, 8])
    #expect(try hidden(.none) == [1])
    #expect(try hidden(Masking(.product, hiding: [.water, .lowCloud])) == [1, 6, 7])
    #expect(try hidden(Masking(.product, hiding: [.dark])) == [1, 2])
    let scene = try Scene(source, sensor: .sentinel2L2A, bands: ["B11"])
    let codes = try scene.hiddenWords(in: Window(column: 6, row: 0, width: 6, height: 1))
    #expect(
      codes.map { $0 == 0 ? "" : MaskWords.all[Int($0) - 1].name } == [
        "defective", "", "shadow", "", "", "cloud",
      ])
  }

  @Test("What is hidden grows by the metres that are asked for, in a circle; no data does not")
  func growth() throws {
    let source = try product { column, row in column == 8 && row == 8 ? 9 : 4 }
    let valid = try valid(source, ["B11"], Masking(.product, growth: 45))
    let expected = (0..<144).map { pixel -> Bool in
      let (column, row) = (pixel % 12, pixel / 12)
      let (right, down) = (Double(column - 8) * 20, Double(row - 8) * 20)
      return !(column < 6 && row < 6) && (right * right + down * down).squareRoot() > 45
    }
    #expect(valid == expected)
  }

  @Test("A window alone hides what the whole scene does there")
  func windows() throws {
    let source = try product { column, row in (column * 7 + row * 5) % 11 == 0 ? 9 : 4 }
    let masking = Masking(.product, growth: 30)
    let scene = try Scene(source, sensor: .sentinel2L2A, bands: ["B02", "B11"], masking: masking)
    let whole = try scene.read(scene.grid.bounds)
    for window in [
      Window(column: 3, row: 5, width: 9, height: 7), Window(column: 11, row: 0, width: 13, height: 24),
    ] {
      let part = try scene.read(window)
      for row in 0..<window.height {
        for column in 0..<window.width {
          let pixel = (window.row + row) * 24 + window.column + column
          #expect(part.valid[row * window.width + column] == whole.valid[pixel])
        }
      }
    }
  }

  @Test("A user's raster hides its numbers; what it does not reach is hidden; another system is refused")
  func own() throws {
    try raster("scene.tif", 12, .uint16) { column, _ in UInt16(3000 + column) }
    // 120 m wide: the eastern half of the scene lies beyond.
    try raster("scene_mask.tif", 3, .byte, over: 120) { column, row in column == 0 && row == 0 ? UInt8(2) : 1
    }
    let source = try SceneSource(path: scratch.file("scene.tif"))
    func valid(_ masking: Masking) throws -> [Bool] {
      let scene = try Scene(
        source, sensor: .sentinel2L2A, bands: ["B02"], bandOrder: ["B02"], masking: masking)
      return try scene.read(scene.grid.bounds).valid
    }
    let corner = Window(column: 0, row: 0, width: 2, height: 2)
    let beyond = [
      Window(column: 6, row: 0, width: 6, height: 12), Window(column: 0, row: 6, width: 12, height: 6),
    ]
    let expected = outside(12, [corner] + beyond)
    #expect(try valid(Masking(.suffix("_mask", .hiding([2])))) == expected)
    #expect(try valid(Masking(.map(scratch.file("scene_mask.tif"), .clear([1])))) == expected)
    #expect(try valid(.product).allSatisfy { $0 })
    let missing = #expect(throws: RasterError.self) { try valid(Masking(.suffix("_clouds", .hiding([2])))) }
    #expect(missing?.code == .notFound && missing?.description.contains("scene_clouds.tif") == true)
    try scratch.raster(
      "other.tif",
      grid: Grid(
        width: 1, height: 1, transform: GeoTransform(originX: 10, originY: 47, pixelSize: 1),
        crs: try CRS.epsg(4326)), bands: [[UInt8(1)]], options: .init(type: .byte, bandNames: [""]))
    let refused = #expect(throws: RasterError.self) {
      try valid(Masking(.map(scratch.file("other.tif"), .hiding([2]))))
    }
    #expect(refused?.code == .gridMismatch && refused?.path?.hasSuffix("other.tif") == true)
  }

  @Test("A user's raster stands in the place of the product's classes; what is no measurement stays hidden")
  func ownOfProduct() throws {
    let source = try product { column, row in row == 0 && column >= 6 ? (column == 6 ? 1 : 9) : 4 }
    try raster("own.tif", 12, .byte) { column, row in column == 11 && row == 11 ? UInt8(2) : 1 }
    let (fill, defect, chosen) = (
      Window(column: 0, row: 0, width: 6, height: 6), Window(column: 6, row: 0, width: 1, height: 1),
      Window(column: 11, row: 11, width: 1, height: 1)
    )
    #expect(
      try valid(source, ["B11"], Masking(.map(scratch.file("own.tif"), .hiding([2]))))
        == outside(12, [fill, defect, chosen]))
  }

  @Test(
    "A number that a user's raster calls no data is hidden unless the rule lists it; fractions are refused")
  func ownNumbers() throws {
    try raster("scene.tif", 12, .uint16) { column, _ in UInt16(3000 + column) }
    try scratch.raster(
      "own.tif", grid: grid(12, metres: 20),
      bands: [[UInt8](repeating: 0, count: 12) + [UInt8](repeating: 1, count: 132)],
      options: .init(type: .byte, bandNames: [""], noData: 0))
    let source = try SceneSource(path: scratch.file("scene.tif"))
    func valid(_ file: String, _ rule: MaskRule) throws -> [Bool] {
      let scene = try Scene(
        source, sensor: .sentinel2L2A, bands: ["B02"], bandOrder: ["B02"],
        masking: Masking(.map(scratch.file(file), rule)))
      return try scene.read(scene.grid.bounds).valid
    }
    let row = Window(column: 0, row: 0, width: 12, height: 1)
    #expect(try valid("own.tif", .hiding([2])) == outside(12, [row]))
    #expect(try valid("own.tif", .clear([0, 1])) == outside(12, []))
    try raster("shares.tif", 12, .float32) { _, _ in Float(0.6) }
    let refusal = #expect(throws: RasterError.self) { try valid("shares.tif", .hiding([1])) }
    #expect(refusal?.code == .unsupported && refusal?.path?.hasSuffix("shares.tif") == true)
    #expect(refusal?.description.contains("Float32 numbers, where masks hold whole ones") == true)
  }

  @Test("A band that QA_RADSAT calls saturated is no measurement where it is read, and one where it is not")
  func saturatedBands() throws {
    let name = "LC08_L2SP_193026_20230614_20230622_02_T1"
    for band in ["SR_B4", "SR_B5"] {
      try raster("\(name)/\(name)_\(band).TIF", 4, .uint16, over: 120) { _, _ in UInt16(10_000) }
    }
    try raster("\(name)/\(name)_QA_RADSAT.TIF", 4, .uint16, over: 120) { column, row in
      row == 0 ? UInt16(column == 1 ? 1 << 3 : column == 2 ? 1 << 4 : column == 3 ? 1 << 11 : 0) : 0
    }
    try raster("\(name)/\(name)_QA_PIXEL.TIF", 4, .uint16, over: 120) { column, row in
      row == 1 && column == 0 ? UInt16(22280) : 21824
    }
    try scratch.write("GROUP = X\nEND", to: "\(name)/\(name)_MTL.txt")
    let source = try SceneSource(path: scratch.file(name))
    func hidden(_ bands: [String], _ masking: Masking) throws -> [Int] {
      let scene = try Scene(source, sensor: .landsat8L2, bands: bands, masking: masking)
      let valid = try scene.read(scene.grid.bounds).valid
      return valid.indices.filter { !valid[$0] }
    }
    #expect(try hidden(["red"], .none) == [1, 3])
    #expect(try hidden(["B5"], .none) == [2, 3])
    #expect(try hidden(["B4", "B5"], .product) == [1, 2, 3, 4])
    #expect(try hidden(["B4"], Masking(.product, hiding: [.saturated])) == [1, 2, 3])
  }

  @Test("A number that the product calls saturated is no measurement")
  func saturatedNumbers() throws {
    let source = try product { _, _ in 4 }
    try raster(
      "\(folder)/GRANULE/L2A_T32TQM/IMG_DATA/R20m/T32TQM_20230614T101031_B11_20m.tif", 12, .uint16
    ) { column, row in column == 11 && row == 11 ? UInt16.max : 3000 }
    #expect(
      try valid(source, ["B11"], .none) == outside(12, [Window(column: 11, row: 11, width: 1, height: 1)]))
  }
}
