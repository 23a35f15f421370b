import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Reading rasters")
struct ReadingTests {
  let scratch = Scratch()

  @Test("every stored type reads back as the same numbers", arguments: PixelType.allCases)
  func types(type: PixelType) throws {
    let grid = utmGrid(37, 23)
    var random = SeededNumbers(seed: 3)
    let top: ClosedRange<Double> =
      switch type {
      case .byte: 0...255
      case .uint16: 0...65_535
      case .int16: -32_768...32_767
      case .int32: -2_000_000_000...2_000_000_000
      case .float32: -1e6...1e6
      }
    let stored = (0..<grid.bounds.pixelCount).map { _ -> Double in
      let value = Double.random(in: top, using: &random)
      return type == .float32 ? Double(Float(value)) : value.rounded(.towardZero)
    }
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [stored], options: .init(type: type, bandNames: ["one"]))
    let file = try RasterFile(path: path)
    #expect(file.bands[0].dataType == type.rawValue)
    #expect(file.grid.isSame(as: grid))
    let window = Window(column: 5, row: 2, width: 11, height: 17)
    let read: [Double] = try file.readValues(window, band: 1)
    let floats = try file.read(window, band: 1)
    for row in 0..<window.height {
      for column in 0..<window.width {
        let expected = stored[(row + 2) * 37 + column + 5]
        #expect(read[row * 11 + column] == expected)
        #expect(floats[row * 11 + column] == Float(expected))
      }
    }
  }

  @Test("scale and offset of the file give physical values, and no-data becomes NaN")
  func scaling() throws {
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(3, 1), bands: [[Int16(-9999), 0, 1234]],
      options: .init(type: .int16, bandNames: ["dB"], noData: -9999, scale: 0.01, offset: -5, unit: "dB"))
    let file = try RasterFile(path: path)
    let values = try file.read(file.grid.bounds, band: 1)
    #expect(values[0].isNaN)
    #expect(values[1] == -5)
    #expect(values[2] == Float(1234 * 0.01 - 5))
    #expect(file.bands[0].unit == "dB")
    #expect(try file.readValidity(file.grid.bounds) == [false, true, true])
    #expect(try file.readValues(file.grid.bounds, band: 1) == [Int16(-9999), 0, 1234])
  }

  @Test("NaN, infinities and a roughly stated huge no-data value are invalid")
  func floatingNoData() throws {
    let stored: [Float] = [.nan, .infinity, -3.4028235e38, -3.4e38, 0, 1]
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(6, 1), bands: [stored],
      options: .init(type: .float32, bandNames: ["x"], noData: -3.40282306e38))
    let file = try RasterFile(path: path)
    #expect(try file.readValidity(file.grid.bounds) == [false, false, false, true, true, true])
    let near = try scratch.raster(
      "b.tif", grid: utmGrid(2, 1), bands: [[Float(-9999), -9998]],
      options: .init(type: .float32, bandNames: ["x"], noData: -9999))
    #expect(
      try RasterFile(path: near).readValidity(Window(column: 0, row: 0, width: 2, height: 1)) == [
        false, true,
      ])
  }

  @Test("a 32-bit integer next to the no-data value stays a value")
  func wideIntegers() throws {
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(3, 1), bands: [[Int32.max, Int32.max - 1, Int32.min]],
      options: .init(type: .int32, bandNames: ["x"], noData: Double(Int32.max)))
    let file = try RasterFile(path: path)
    #expect(try file.readValidity(file.grid.bounds) == [false, true, true])
  }

  @Test("rotated and south-up positions survive writing and reading")
  func positions() throws {
    for (index, coefficients) in [[100, 8, 3, -200, 3, -8], [600_000, 10, 0, 5_000_000, 0, 10.0]].enumerated()
    {
      let grid = Grid(width: 4, height: 3, transform: GeoTransform(coefficients), crs: utm)
      let path = try scratch.raster(
        "\(index).tif", grid: grid, bands: [[UInt8](repeating: 1, count: 12)],
        options: .init(type: .byte, bandNames: ["x"]))
      #expect(try RasterFile(path: path).grid.isSame(as: grid))
    }
  }

  @Test("a band that is not there is named with the number of those that are")
  func absentBand() throws {
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(2, 2), bands: [[UInt8](repeating: 0, count: 4)],
      options: .init(type: .byte, bandNames: ["x"]))
    let file = try RasterFile(path: path)
    let error = #expect(throws: RasterError.self) { try file.read(file.grid.bounds, band: 2) }
    #expect(error?.code == .missingBand)
    #expect(error?.description == "\(path): cannot read band 2: the file has 1 bands")
  }

  @Test("a truncated TIFF opens, and reading names file, band and window")
  func truncated() throws {
    var random = SeededNumbers(seed: 1)
    let noise = (0..<600 * 600).map { _ in UInt16.random(in: 0...65_535, using: &random) }
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(600, 600), bands: [noise], options: .init(type: .uint16, bandNames: ["x"]))
    let whole = try #require(FileManager.default.contents(atPath: path))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: RasterError.self) {
      let file = try RasterFile(path: path)
      _ = try file.read(file.grid.bounds, band: 1)
    }
    #expect(error?.path == path)
    #expect(error?.code == .unreadable)
    #expect(error?.isBadData == true)
    let verification = #expect(throws: RasterError.self) { try RasterFile.verify(path) }
    #expect(verification?.code == .notVerified)
  }

  @Test("what is no raster at all is unreadable, and says so with its name")
  func notARaster() throws {
    let path = try scratch.write("just some words", to: "notes.tif")
    let error = #expect(throws: RasterError.self) { try RasterFile(path: path) }
    #expect(error?.code == .unreadable)
    #expect(error?.description.contains("notes.tif") == true)
    let absent = #expect(throws: RasterError.self) { try RasterFile(path: scratch.file("absent.tif")) }
    #expect(absent?.code == .notFound)
  }

  @Test("the report of a file counts valid pixels and states values in physical units")
  func report() throws {
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(4, 1), bands: [[Int16(-1), 100, 200, 300]],
      options: .init(
        type: .int16, bandNames: ["VV"], noData: -1, scale: 0.1, offset: 0, unit: "dB",
        metadata: ["AUTHOR": "test"]))
    let report = try RasterReport(path: path)
    #expect(report.bands[0].validShare == 0.75)
    #expect(report.bands[0].minimum == 10)
    #expect(report.bands[0].maximum == 30)
    #expect(report.bands[0].mean == 20)
    for word in ["VV", "Int16", "dB", "no data -1.0", "valid 75.0 %", "EPSG:32632", "AUTHOR = test"] {
      #expect(report.description.contains(word), "\(word) in \(report)")
    }
  }
}
