import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Scenes")
struct SceneTests {
  let scratch = Scratch()
  let sensor = Sensor.sentinel2L2A

  /// A file of constant bands: each pixel holds its band's number from 1 times 100.
  private func stack(_ name: String, _ names: [String], grid: Grid = utmGrid(5, 4), noData: Double? = nil)
    throws
    -> SceneSource
  {
    let bands = names.indices.map {
      [UInt16](repeating: UInt16(100 * ($0 + 1)), count: grid.bounds.pixelCount)
    }
    let path = try scratch.raster(
      name, grid: grid, bands: bands, options: .init(type: .uint16, bandNames: names, noData: noData))
    return try SceneSource(path: path)
  }

  private func firstValues(_ scene: Scene) throws -> [Float] {
    let block = try scene.read(Window(column: 0, row: 0, width: 1, height: 1))
    return block.values.map { ($0 * 1e4).rounded() }
  }

  @Test(
    "a band is known by any of its names",
    arguments: zip(
      ["B1", "b01", "B8a", "red", "nir08", "SWIR_1", "NIR_NARROW", "nir-broad", "B13", "B", ""],
      [0, 0, 8, 3, 8, 10, 8, 7, nil, nil, nil]))
  func names(name: String, index: Int?) {
    #expect(sensor.bandIndex(matching: name) == index)
  }

  @Test("every sensor of the catalogue has distinct names and is found by its own")
  func catalogue() {
    for sensor in Sensor.all {
      #expect(Sensor.named(sensor.name.uppercased()) == sensor)
      for (index, band) in sensor.bands.enumerated() {
        for name in [band.name] + band.aliases + [band.commonName].compactMap({ $0 }) {
          #expect(sensor.bandIndex(matching: name) == index, "\(name) of \(sensor.name)")
        }
      }
    }
    #expect(Sensor.sentinel2L1C.bands.count == 13)
    #expect(Sensor.sentinel2L2A.bands.count == 12)
    #expect(Sensor.named("sentinel-9") == nil)
  }

  @Test("bands are found by their descriptions, in the order that is asked for")
  func descriptions() throws {
    let source = try stack("a.tif", ["B4", "B02 (490 nm)", "swir16", "extra"])
    #expect(try firstValues(Scene(source, sensor: sensor, bands: ["B02", "B11", "B04"])) == [200, 300, 100])
  }

  @Test("the user's band order wins over descriptions")
  func order() throws {
    let source = try stack("a.tif", ["B2", "B3", "B4"])
    let scene = try Scene(source, sensor: sensor, bands: ["B04", "B02"], bandOrder: ["B04", "B03", "B02"])
    #expect(try firstValues(scene) == [100, 300])
  }

  @Test(
    "without names, a full set of bands is taken in the sensor's order, any other needs a band order of its size"
  )
  func positions() throws {
    let three = try stack("a.tif", ["", "", ""])
    let wanted = ["B08", "B04", "B03"]
    let unknown = #expect(throws: RasterError.self) { try Scene(three, sensor: sensor, bands: wanted) }
    #expect(unknown?.description.contains("say which is which with 'band-order'") == true)
    #expect(
      try firstValues(Scene(three, sensor: sensor, bands: wanted, bandOrder: wanted)) == [100, 200, 300])
    let short = #expect(throws: RasterError.self) {
      try Scene(three, sensor: sensor, bands: ["B08"], bandOrder: ["B08", "B04"])
    }
    #expect(short?.cause == "the band order names 2 bands, the file has 3")
    let full = try stack("b.tif", [String](repeating: "", count: 12))
    #expect(try firstValues(Scene(full, sensor: sensor, bands: ["B08", "B12"])) == [800, 1200])
  }

  @Test("a missing band is an error that lists what there is and what is wanted")
  func missing() throws {
    let named = try stack("a.tif", ["B02", "B03"])
    let error = #expect(throws: RasterError.self) { try Scene(named, sensor: sensor, bands: ["B02", "B11"]) }
    #expect(error?.code == .missingBand)
    #expect(error?.description == "\(named.path): cannot find the bands: no band B11 among B02, B03")
    let unnamed = try stack("b.tif", ["", "", "", ""])
    let other = #expect(throws: RasterError.self) {
      try Scene(unnamed, sensor: sensor, bands: ["B02", "B03"])
    }
    #expect(other?.description.contains("4 bands without names") == true)
    #expect(other?.description.contains("band-order") == true)
  }

  @Test("stored numbers become reflectance; a dark band is data, all bands zero are none")
  func radiometry() throws {
    let grid = utmGrid(3, 1)
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [[UInt16(0), 0, 5000], [0, 1234, 0]],
      options: .init(type: .uint16, bandNames: ["B02", "B03"]))
    let block = try Scene(SceneSource(path: path), sensor: sensor, bands: ["B02", "B03"]).read(grid.bounds)
    #expect(block.valid == [false, true, true])
    #expect(block.values == [0, 0, 0.5, 0, 0.1234, 0])
  }

  @Test("a file's own no-data value counts in any band, and its own scale wins over the sensor's")
  func ownScale() throws {
    let grid = utmGrid(3, 1)
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [[Int16(7), 10, 20], [1, 7, 0]],
      options: .init(type: .int16, bandNames: ["B02", "B03"], noData: 7, scale: 0.5, offset: 1))
    let block = try Scene(SceneSource(path: path), sensor: sensor, bands: ["B02", "B03"]).read(grid.bounds)
    #expect(block.valid == [false, false, true])
    #expect(block.values == [0, 0, 11, 0, 0, 1])
  }

  @Test("the offset of newer Sentinel-2 baselines is read from the metadata")
  func baseline() throws {
    let grid = utmGrid(1, 1)
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [[UInt16(1500)]],
      options: .init(type: .uint16, bandNames: ["B02"], metadata: ["BOA_ADD_OFFSET": "-1000"]))
    let block = try Scene(SceneSource(path: path), sensor: sensor, bands: ["B02"]).read(grid.bounds)
    #expect(block.values == [0.05])
  }

  @Test("a product folder is read file by file, with the offsets of its metadata file")
  func productFolder() throws {
    let root = try scratch.directory("in/S2B_X.SAFE/GRANULE/L2A_T/IMG_DATA/R10m")
    _ = try scratch.directory("in/S2B_X.SAFE/GRANULE/L2A_T/IMG_DATA/R20m")
    let folder = "in/S2B_X.SAFE"
    for (name, grid, value) in [
      ("R10m/T_B02_10m.tif", utmGrid(4, 4), 1200), ("R20m/T_B02_20m.tif", coarse(2, 2), 1100),
      ("R20m/T_B11_20m.tif", coarse(2, 2), 3000),
    ] {
      try scratch.raster(
        "\(folder)/GRANULE/L2A_T/IMG_DATA/\(name)", grid: grid,
        bands: [[UInt16](repeating: UInt16(value), count: grid.bounds.pixelCount)],
        options: .init(type: .uint16, bandNames: [""]))
    }
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET><BOA_ADD_OFFSET band_id=\"11\">-500</BOA_ADD_OFFSET></a>",
      to: "\(folder)/MTD_MSIL2A.xml")
    #expect(!root.isEmpty)
    let found = try SceneSearch().scenes(in: scratch.file("in"))
    #expect(found.map(\.name) == ["S2B_X"])
    let scene = try Scene(found[0], sensor: sensor, bands: ["B02", "B11"])
    #expect(scene.grid.isSame(as: utmGrid(4, 4)))
    #expect(try firstValues(scene) == [200, 2500])
  }

  private func coarse(_ width: Int, _ height: Int) -> Grid {
    Grid(
      width: width, height: height,
      transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 20),
      crs: utm)
  }

  @Test("a directory's bands are told by the file names; coarse ones come to the finest grid without seams")
  func directory() throws {
    let directory = try scratch.directory("scene")
    let fine = utmGrid(64, 48)
    var random = SeededNumbers(seed: 5)
    let noise = (0..<32 * 24).map { _ in UInt16.random(in: 1...9999, using: &random) }
    try scratch.raster(
      "scene/2018-10-13, Sentinel-2B L1C, B03.tiff", grid: fine,
      bands: [(0..<64 * 48).map { UInt16($0 + 1) }], options: .init(type: .uint16, bandNames: [""]))
    try scratch.raster(
      "scene/2018-10-13, Sentinel-2B L1C, B11.tiff", grid: coarse(32, 24), bands: [noise],
      options: .init(type: .uint16, bandNames: [""]))
    let scene = try Scene(SceneSource(path: directory), sensor: sensor, bands: ["B11", "B03"])
    #expect(scene.grid.isSame(as: fine))
    let whole = try scene.read(fine.bounds)
    #expect(whole.valid.allSatisfy { $0 })
    #expect(whole.values[64 * 48 + 65] == Float(66 * 1e-4))
    for window in [
      Window(column: 0, row: 0, width: 7, height: 5), Window(column: 13, row: 11, width: 9, height: 8),
      Window(column: 31, row: 1, width: 33, height: 47),
    ] {
      let part = try scene.read(window)
      for row in 0..<window.height {
        for column in 0..<window.width {
          let there = whole.values[(row + window.row) * 64 + column + window.column]
          #expect(
            abs(part.values[row * window.width + column] - there) < 1e-6, "\(window) at \(column), \(row)")
        }
      }
    }
    // Pixel centres of the fine grid lie a quarter of a coarse pixel beside those of the coarse one.
    let (a, b, c, d) = (Float(noise[0]), Float(noise[1]), Float(noise[32]), Float(noise[33]))
    let expected = (9 * a + 3 * b + 3 * c + d) / 16 * 1e-4
    // GDAL rounds what it interpolates to the stored type: half a step of 0.0001 at most.
    #expect(abs(whole.values[64 + 1] - expected) < 0.51e-4)
  }

  @Test("blocks are counted whole, those of coarse bands on their own grid")
  func blocks() throws {
    let directory = try scratch.directory("blocks")
    for (name, grid) in [("B03", utmGrid(1000, 300)), ("B11", coarse(500, 150))] {
      _ = try scratch.raster(
        "blocks/S2B, L1C, \(name).tiff", grid: grid,
        bands: [[UInt16](repeating: 1, count: grid.width * grid.height)],
        options: .init(type: .uint16, bandNames: [""]))
    }
    let blocks = try Scene(SceneSource(path: directory), sensor: sensor, bands: ["B03", "B11"]).blocks
    #expect(blocks.width == 512)
    // Two blocks across at most, where 100 pixels of the scene are read, all four and both where all are; and
    // two rows of blocks where there are so many, as coarse bands are mixed from pixels around.
    let row = 256 * 2
    #expect(blocks.bytes(across: 100) == 2 * 2 * 256 * row + 2 * 256 * row)
    #expect(blocks.bytes(across: 1000) == 2 * 4 * 256 * row + 2 * 256 * row)
    let fine = try Scene(SceneSource(path: directory), sensor: sensor, bands: ["B03"]).blocks
    #expect(fine.bytes(across: 1000) == 4 * 256 * row)
    let tiles = StoredBlocks(width: 256, height: 1, extent: 10_000, bytesPerPixel: 1)
    #expect([1, 2, 256, 257, 258, 512].map { tiles.bytes(across: $0) / 256 } == [1, 2, 2, 2, 3, 3])
    let strips = StoredBlocks(width: 1000, height: 1, extent: 1000, bytesPerPixel: 26)
    #expect(strips.width == 1000 && strips.bytes(across: 10) == 26_000)
  }

  @Test("where a block holds all bands, it is looked up once", arguments: ["PIXEL", "BAND"])
  func index(interleaving: String) throws {
    let plane = [Double](repeating: 1, count: 4096)
    let path = try scratch.image(
      "a.tif", bands: [plane, plane, plane], width: 64,
      creation: ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "INTERLEAVE=\(interleaving)"])
    let blocks = try Scene(
      SceneSource(path: path), sensor: .custom(bands: ["a", "b", "c"]), bands: ["a", "b"],
      bandOrder: ["a", "b", "c"]
    ).blocks
    let isTogether = interleaving == "PIXEL"
    #expect(blocks.indexBytes == 16 * 16 * (isTogether ? 1 : 2))
    #expect(blocks.bytes(across: 64) == 4 * 256 * (isTogether ? 3 : 2))
  }

  @Test("a band whose pixels are absurdly coarse is refused by name", arguments: [(128, true), (130, false)])
  func coarsest(size: Int, isRead: Bool) throws {
    let directory = try scratch.directory("coarsest")
    let large = Grid(
      width: 2, height: 2,
      transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: Double(5 * size)), crs: utm)
    for (name, grid) in [("B02", utmGrid(size, size)), ("B12", large)] {
      try scratch.raster(
        "coarsest/\(name).tif", grid: grid,
        bands: [[UInt16](repeating: 1000, count: grid.width * grid.height)],
        options: .init(type: .uint16, bandNames: [name]))
    }
    let open = { try Scene(SceneSource(path: directory), sensor: .sentinel2L2A, bands: ["B02", "B12"]) }
    if isRead {
      #expect(try open().read(Window(column: 0, row: 0, width: size, height: size)).validCount == size * size)
    } else {
      let error = #expect(throws: RasterError.self) { try open() }
      #expect(error?.code == .gridMismatch && error?.path?.hasSuffix("B12.tif") == true)
    }
  }

  @Test("bands on different ground are refused with both names")
  func mismatch() throws {
    let directory = try scratch.directory("scene")
    for (name, grid) in [
      ("B02.tif", utmGrid(8, 8)),
      ("B03.tif", Grid(width: 8, height: 8, transform: north, crs: try .epsg(32633))),
    ] {
      try scratch.raster(
        "scene/\(name)", grid: grid, bands: [[UInt8](repeating: 1, count: 64)],
        options: .init(type: .byte, bandNames: [""]))
    }
    let error = #expect(throws: RasterError.self) {
      try Scene(SceneSource(path: directory), sensor: sensor, bands: ["B02", "B03"])
    }
    #expect(error?.code == .gridMismatch)
    #expect(error?.description.contains("B02.tif") == true && error?.description.contains("B03.tif") == true)
  }

  @Test("a window that leaves the scene is invalid outside and the same inside", arguments: 1...20)
  func beyond(seed: Int) throws {
    var random = SeededNumbers(seed: seed)
    let source = try stack("a.tif", ["B02", "B03"])
    let scene = try Scene(source, sensor: sensor, bands: ["B02", "B03"])
    let window = Window(
      column: .random(in: -9...9, using: &random), row: .random(in: -9...9, using: &random),
      width: .random(in: 1...12, using: &random), height: .random(in: 1...12, using: &random))
    let block = try scene.read(window)
    for row in 0..<window.height {
      for column in 0..<window.width {
        let inside = scene.grid.bounds.contains(column: column + window.column, row: row + window.row)
        let place = row * window.width + column
        #expect(block.valid[place] == inside)
        #expect(block.values[place] == (inside ? 0.01 : 0))
        #expect(block.values[window.pixelCount + place] == (inside ? 0.02 : 0))
      }
    }
  }

  @Test("scenes are found by name, told apart, and what is no scene is passed over")
  func discovery() throws {
    for name in ["b.tif", "a.tif", "A.tiff", ".hidden.tif", ".terrane-tmp-1-x.tif"] {
      _ = try stack(name, ["B02"])
    }
    _ = try scratch.directory("scene")
    _ = try stack("scene/B02.tif", ["B02"])
    _ = try scratch.directory("empty")
    try scratch.write("x", to: "b.tif.aux.xml")
    try scratch.write("x", to: "b.tif.ovr")
    try scratch.write("x", to: "b.tif.msk")
    try scratch.write("x", to: "notes.txt")
    let found = try SceneSearch().scenes(in: scratch.path)
    #expect(found.map(\.name) == ["A-tiff", "a-tif", "b", "scene"])
    #expect(found[3].files.count == 1)
    #expect(throws: RasterError.self) { try SceneSearch().scenes(in: scratch.file("absent")) }
    let empty = #expect(throws: RasterError.self) { try SceneSource(path: scratch.file("empty")) }
    #expect(empty?.code == .unreadable)
  }
}
