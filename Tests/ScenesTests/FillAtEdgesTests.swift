import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Scenes half of which is fill, in every way that files say so, read in pixels of another size.
@Suite("Fill is not mixed into its neighbours")
struct FillAtEdgesTests {
  let scratch = Scratch()
  static let side = 48
  static let bands = ["B02", "B03", "B04"]

  init() { GDALLibrary.start() }

  /// How a file says that pixels are no measurement.
  enum Way: String, CaseIterable, Sendable {
    case zeros, taggedZeros, taggedHigh, maskBeside, maskInside, alpha, notANumber, taggedFloat, signedBytes

    var type: GDALDataType {
      switch self {
      case .notANumber, .taggedFloat: GDT_Float32
      case .alpha, .signedBytes: GDT_Byte
      default: GDT_UInt16
      }
    }
    /// What hidden pixels hold, and the others.
    var values: (hidden: Double, measured: Double) {
      switch self {
      case .zeros, .taggedZeros: (0, 3000)
      case .taggedHigh: (65_535, 3000)
      case .maskBeside, .maskInside: (7, 3000)
      case .alpha: (9, 200)
      case .signedBytes: (255, 100)
      case .notANumber: (.nan, 3000)
      case .taggedFloat: (-9999, 3000)
      }
    }
    var tag: Double? {
      switch self {
      case .taggedZeros: 0
      case .taggedHigh: 65_535
      case .taggedFloat: -9999
      case .signedBytes: -1
      default: nil
      }
    }
  }

  /// Writes a file of bands that hold one value, hidden left of a column.
  private func image(
    _ name: String, _ way: Way, bands: Int, fill: Int, side: Int = side, pixel: Double = 10
  ) throws -> String {
    let isHidden = (0..<side * side).map { $0 % side < fill }
    let values = isHidden.map { $0 ? way.values.hidden : way.values.measured }
    var planes = [[Double]](repeating: values, count: bands)
    var creation = way == .signedBytes ? ["PIXELTYPE=SIGNEDBYTE"] : []
    if way == .alpha {
      planes.append(isHidden.map { $0 ? 0 : 255 })
      creation = ["PHOTOMETRIC=RGB", "ALPHA=YES"]
    }
    let grid = Grid(
      width: side, height: side,
      transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: pixel),
      crs: utm)
    let mask: [UInt8] = isHidden.map { $0 ? 0 : 255 }
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    defer { CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nil) }
    let path = try scratch.image(
      name, type: way.type, bands: planes, width: side, grid: grid, creation: creation
    ) { dataset in
      for index in 1...planes.count {
        if let tag = way.tag { GDALSetRasterNoDataValue(rasterBand(dataset, Int32(index)), tag) }
      }
      guard way == .maskInside else { return }
      #expect(GDALCreateDatasetMaskBand(dataset, GMF_PER_DATASET) == CE_None)
      var mask = mask
      _ = GDALRasterIO(
        GDALGetMaskBand(rasterBand(dataset, 1)), GF_Write, 0, 0, Int32(side), Int32(side), &mask, Int32(side),
        Int32(side), GDT_Byte, 0, 0)
    }
    if way == .maskBeside {
      let beside = try scratch.image("mask.tif", bands: [mask.map(Double.init)], width: side, grid: grid)
      try FileManager.default.moveItem(atPath: beside, toPath: path + ".msk")
    }
    return path
  }

  private func block(_ path: String, _ way: Way, resolution: Double?) throws -> PixelBlock {
    let sensor: Sensor = way == .alpha || way == .signedBytes ? .custom(bands: Self.bands) : .sentinel2L2A
    let scene = try Scene(
      SceneSource(path: path), sensor: sensor, bands: Self.bands, bandOrder: Self.bands,
      resolution: resolution)
    let whole = try scene.read(scene.grid.bounds)
    // What a window holds is no matter of what else is read.
    for part in scene.grid.bounds.strips(ofHeight: 5) {
      let block = try scene.read(part)
      let count = part.pixelCount
      #expect(block.valid == Array(whole.valid[part.row * part.width..<part.row * part.width + count]))
      for band in 0..<whole.bandCount {
        let first = band * whole.valid.count + part.row * part.width
        #expect(
          Array(block.values[band * count..<(band + 1) * count]) == Array(whole.values[first..<first + count])
        )
      }
    }
    return whole
  }

  @Test(
    "a file brought to another size has the measured value or nothing, by the half that is measured",
    arguments: Way.allCases, [5.0, 7, 15, 20, 30, 60, 80])
  func oneFile(way: Way, resolution: Double) throws {
    for fill in [16, 17, 22] {
      let path = try image("\(fill).tif", way, bands: Self.bands.count, fill: fill)
      let block = try block(path, way, resolution: resolution)
      let scale = way == .alpha || way == .signedBytes ? 1 : 1e-4
      let measured = Float(way.values.measured * scale)
      let ratio = resolution / 10
      let wrong = block.valid.indices.filter { pixel in
        let share = min(1, max(0, Double(pixel % block.width) + 1 - Double(fill) / ratio))
        let isSeen = block.valid[pixel]
        let isRight = (0..<block.bandCount).allSatisfy { band in
          abs(block.values[band * block.valid.count + pixel] - (isSeen ? measured : 0)) <= 1e-4 * measured
        }
        return !isRight || abs(share - 0.5) > 0.01 && isSeen != (share > 0.5)
      }
      #expect(wrong.isEmpty, "fill of \(fill) columns")
    }
  }

  @Test(
    "bands of two sizes have the measured value or nothing, whether fill is tagged or not",
    arguments: [20.0, 30, 60], [nil, 5, 20, 40] as [Double?])
  func directory(coarse: Double, resolution: Double?) throws {
    let ratio = Int(coarse / 10)
    // The edge on that of a large pixel, and within one; what that holds is fill or a measurement.
    for (fill, coarseFill) in [(24, 24 / ratio), (26, 26 / ratio), (26, 26 / ratio + 1)] {
      var maps: [[Bool]] = []
      for way in [Way.zeros, .taggedZeros, .taggedHigh] {
        let name = "\(way)-\(fill)-\(coarseFill)"
        let directory = try scratch.directory(name)
        for band in ["B02", "B03"] { _ = try image("\(name)/\(band).tif", way, bands: 1, fill: fill) }
        _ = try image(
          "\(name)/B04.tif", way, bands: 1, fill: coarseFill, side: Self.side / ratio, pixel: coarse)
        let block = try block(directory, way, resolution: resolution)
        maps.append(block.valid)
        // Beyond the edge nothing is seen, and a large pixel away from it everything.
        let wrong = block.valid.indices.filter { pixel in
          let metres = (Double(pixel % block.width) + 0.5) * Double(Self.side * 10) / Double(block.width)
          let isFill = metres < Double(fill * 10) - (resolution ?? 10) / 2
          let isGround = metres > Double(fill * 10) + coarse + (resolution ?? 10)
          let isRight = (0..<block.bandCount).allSatisfy { band in
            abs(block.values[band * block.valid.count + pixel] - 0.3) < 1e-5
          }
          return block.valid[pixel] ? isFill || !isRight : isGround
        }
        #expect(wrong.isEmpty, "\(name)")
      }
      #expect(maps[0] == maps[1] && maps[1] == maps[2], "fill \(fill), \(coarseFill)")
    }
  }

  @Test(
    "a dark pixel in some bands is a measurement in pixels of any size", arguments: [nil, 5, 20] as [Double?])
  func dark(resolution: Double?) throws {
    let directory = try scratch.directory("scene")
    for (band, side, pixel) in [("B02", 48, 10.0), ("B03", 48, 10), ("B04", 24, 20)] {
      let values = (0..<side * side).map { place -> Double in
        let (column, row) = (place % side * 48 / side, place / side * 48 / side)
        return band != "B03" && (20..<28).contains(column) && (20..<28).contains(row) ? 0 : 3000
      }
      _ = try scratch.image(
        "scene/\(band).tif", type: GDT_UInt16, bands: [values], width: side,
        grid: Grid(
          width: side, height: side, transform: GeoTransform(originX: 0, originY: 0, pixelSize: pixel),
          crs: utm))
    }
    let scene = try Scene(
      SceneSource(path: directory), sensor: .sentinel2L2A, bands: Self.bands, resolution: resolution)
    #expect(try scene.read(scene.grid.bounds).valid.allSatisfy { $0 })
  }

  @Test("a scene on another grid has the measured value or nothing", arguments: Way.allCases)
  func otherGrid(way: Way) throws {
    let path = try image("a.tif", way, bands: Self.bands.count, fill: 20)
    let sensor: Sensor = way == .alpha || way == .signedBytes ? .custom(bands: Self.bands) : .sentinel2L2A
    let scene = try Scene(SceneSource(path: path), sensor: sensor, bands: Self.bands, bandOrder: Self.bands)
    for pixel in [10.0, 20, 6] {
      let grid = Grid(
        width: Int(400 / pixel), height: Int(400 / pixel),
        transform: GeoTransform(originX: 600_033, originY: 5_199_967, pixelSize: pixel), crs: utm)
      let block = try ResampledScene(scene, on: grid, kernel: .bilinear).read(grid.bounds)
      let expected = Float(way.values.measured * (way == .alpha || way == .signedBytes ? 1 : 1e-4))
      let wrong = block.valid.indices.filter { index in
        let edge = 600_033 + Double(index % block.width) * pixel
        let share = min(1, max(0, (edge + pixel - 600_200) / pixel))
        let isRight = !block.valid[index] || abs(block.values[index] - expected) <= 1e-4 * expected
        return !isRight || abs(share - 0.5) > 0.1 && block.valid[index] != (share > 0.5)
      }
      #expect(wrong.isEmpty, "pixels of \(pixel) m")
    }
  }
}
