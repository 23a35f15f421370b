import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Bands of another sensor")
struct BandCorrespondenceTests {
  private func found(_ bands: [String], on other: Sensor, interpolates: Bool = false) -> BandCorrespondence {
    BandCorrespondence(of: bands, of: .sentinel2L2A, on: other, interpolates: interpolates)
  }

  @Test("each band is the nearest by wavelength, whatever it is called")
  func nearest() {
    let bands = ["B02", "B03", "B04", "B8A", "B11", "B12"]
    #expect(found(bands, on: .landsat8L2).counterparts.map(\.band) == ["B2", "B3", "B4", "B5", "B6", "B7"])
    #expect(found(bands, on: .landsat7).counterparts.map(\.band) == ["B1", "B2", "B3", "B4", "B5", "B7"])
    #expect(found(bands, on: .landsat7).counterparts[4].words == "B5 (1650 nm) for B11 (1610 nm)")
    let back = BandCorrespondence(of: ["B4", "B5"], of: .landsat7, on: .sentinel2L2A)
    #expect(back.counterparts.map(\.band) == ["B08", "B11"] && back.problems.isEmpty)
  }

  @Test("a band that the file lacks stands for none: the next one does, if it is near enough")
  func fileWithout() {
    let file = Sensor.sentinel2L2A.holding(["B02", "mask", "b4", "NIR_BROAD"])
    #expect(file.bands.map(\.name) == ["B02", "B04", "B08"])
    let found = BandCorrespondence(of: ["B5", "B2"], of: .landsat8L2, on: file)
    #expect(found.counterparts.map(\.band) == ["B08", "B02"] && found.problems.isEmpty)
    #expect(BandCorrespondence(of: ["B3"], of: .landsat8L2, on: file).problems.count == 1)
  }

  @Test("red edge is neither red nor infrared: an error that names it and the nearest")
  func absent() {
    let found = found(["B04", "B05"], on: .landsat7)
    #expect(found.counterparts.count == 1)
    #expect(
      found.problems == [
        "landsat-7-etm has no band within 5 % of B05 (705 nm); the nearest is B3 (660 nm)"
      ])
  }

  @Test("a panchromatic band stands for no other")
  func panchromatic() {
    let found = found(["B05", "B06"], on: .landsat7TOA)
    #expect(found.counterparts.isEmpty && found.problems.count == 2)
  }

  @Test("where asked, it is mixed by wavelength from both sides; cirrus is not")
  func interpolated() throws {
    let found = found(["B04", "B05", "B8A"], on: .landsat7, interpolates: true)
    let mixed = try #require(found.counterparts.dropFirst().first)
    #expect(mixed.band == "B3" && mixed.other == "B4" && abs(mixed.share - 45.0 / 170) < 1e-12)
    #expect(found.bandsToRead == ["B3", "B4"])
    #expect(found.mixtures.map(\.first) == [0, 0, 1] && found.mixtures.map(\.second) == [0, 1, 1])
    let cirrus = BandCorrespondence(of: ["B10"], of: .sentinel2L1C, on: .landsat7, interpolates: true)
    #expect(cirrus.counterparts.isEmpty && cirrus.problems.count == 1)
  }

  @Test("radar and a user's bands are found by name; units that differ are an error")
  func names() {
    let custom = found(["B03", "B08"], on: .custom(bands: ["x", "nir", "green"]))
    #expect(custom.counterparts.map(\.band) == ["green", "nir"] && custom.problems.isEmpty)
    let radar = found(["B03"], on: .sentinel1GRD)
    #expect(radar.problems.count == 2 && radar.problems[0].contains("measures dB"))
  }
}

@Suite("Scenes read as another sensor's, or in other pixels")
struct SceneMixtureTests {
  private let scratch = Scratch()

  private func scene(
    _ width: Int, _ height: Int, resolution: Double? = nil, within: Window? = nil,
    mixtures: [BandMixture]? = nil,
    _ value: (Int, Int, Int) -> Float
  ) throws -> Scene {
    let bands = (0..<2).map { band in (0..<width * height).map { value(band, $0 / width, $0 % width) } }
    let path = try scratch.raster(
      "\(width).tif", grid: utmGrid(width, height), bands: bands,
      options: .init(type: .float32, bandNames: ["a", "b"]))
    return try Scene(
      SceneSource(path: path), sensor: .custom(bands: ["a", "b"]), bands: ["a", "b"], mixtures: mixtures,
      resolution: resolution, within: within)
  }

  @Test("mixtures of bands; no data in one is no data in all")
  func mixtures() throws {
    let scene = try scene(
      4, 3,
      mixtures: [
        .init(first: 1, second: 1, share: 0), .init(first: 0, second: 1, share: 0.25),
        .init(first: 0, second: 0, share: 0),
      ]
    ) { band, row, column in row == 1 && column == 2 && band == 1 ? .nan : Float(10 * band + column) }
    #expect(scene.bandCount == 3 && scene.bandNames == ["b", "a-b", "a"])
    let block = try scene.read(Window(column: -1, row: 0, width: 5, height: 3))
    #expect(block.bandCount == 3)
    for row in 0..<3 {
      for column in -1..<4 {
        let place = row * 5 + column + 1
        let isValid = column >= 0 && !(row == 1 && column == 2)
        #expect(block.valid[place] == isValid)
        let wanted: [Float] = isValid ? [Float(10 + column), Float(column) + 2.5, Float(column)] : [0, 0, 0]
        #expect((0..<3).map { block.values[$0 * 15 + place] } == wanted)
      }
    }
  }

  @Test(
    "coarser and finer pixels: the grid, the plane, and the same values in any window",
    arguments: [25.0, 4.0])
  func resolution(metres: Double) throws {
    // utmGrid has pixels of 10 m.
    func plane(_ band: Int, _ row: Int, _ column: Int) -> Float {
      Float(band + 1) * Float(3 * row + 2 * column)
    }
    let scene = try scene(83, 61, resolution: metres, plane)
    let ratio = metres / 10
    #expect(scene.grid.width == Int(83 / ratio) && scene.grid.height == Int(61 / ratio))
    #expect(scene.grid.transform?.columnX == metres && scene.grid.transform?.rowY == -metres)
    let whole = try scene.read(scene.grid.bounds)
    let count = scene.grid.bounds.pixelCount
    for row in 5..<scene.grid.height - 5 {
      for column in 5..<scene.grid.width - 5 {
        let (y, x) = ((Double(row) + 0.5) * ratio - 0.5, (Double(column) + 0.5) * ratio - 0.5)
        for band in 0..<2 {
          let value = whole.values[band * count + row * scene.grid.width + column]
          #expect(abs(Double(value) - Double(band + 1) * (3 * y + 2 * x)) < 0.6)
        }
      }
    }
    let window = Window(column: 7, row: 3, width: 11, height: 9)
    let part = try scene.read(window)
    let within = try self.scene(83, 61, resolution: metres, within: window, plane)
    #expect(try within.read(within.grid.bounds) == part)
    for place in 0..<window.pixelCount {
      let wanted = whole.values[(3 + place / 11) * scene.grid.width + 7 + place % 11]
      #expect(abs(part.values[place] - wanted) <= 1e-3)
    }
  }

  @Test("the same size within 1 % is left alone; a picture without coordinates cannot be brought to metres")
  func unchanged() throws {
    #expect(try scene(20, 10, resolution: 10.05) { _, _, _ in 1 }.grid.width == 20)
    let path = try scratch.raster(
      "picture.tif", grid: Grid(width: 4, height: 4), bands: [[UInt8](repeating: 1, count: 16)],
      options: .init(type: .byte, bandNames: ["a"]))
    let error = #expect(throws: RasterError.self) {
      try Scene(SceneSource(path: path), sensor: .custom(bands: ["a"]), bands: ["a"], resolution: 5)
    }
    #expect(error?.code == .gridMismatch && error?.description.contains("projected system") == true)
  }
}

@Suite("Grids that share pixels")
struct GridOverlapTests {
  private func grid(_ width: Int, _ height: Int, _ x: Double, _ y: Double, size: Double = 10) -> Grid {
    Grid(
      width: width, height: height, transform: GeoTransform(originX: x, originY: y, pixelSize: size), crs: utm
    )
  }

  @Test("the shared pixels as a window of each")
  func shared() throws {
    let overlap = try #require(
      grid(30, 20, 600_000, 5_000_000).overlap(with: grid(40, 40, 600_050, 5_000_100)))
    #expect(overlap.own == Window(column: 5, row: 0, width: 25, height: 20))
    #expect(overlap.other == Window(column: 0, row: 10, width: 25, height: 20))
  }

  @Test(
    "nothing between grids that are apart, shifted by half a pixel, of other pixels or without coordinates")
  func none() {
    let own = grid(30, 20, 600_000, 5_000_000)
    #expect(own.overlap(with: grid(30, 20, 700_000, 5_000_000)) == nil)
    #expect(own.overlap(with: grid(30, 20, 600_005, 5_000_000)) == nil)
    #expect(own.overlap(with: grid(30, 20, 600_000, 5_000_000, size: 20)) == nil)
    #expect(Grid(width: 3, height: 3).overlap(with: Grid(width: 3, height: 3)) == nil)
  }
}
