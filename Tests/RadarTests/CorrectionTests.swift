import Foundation
import Radar
import Rasters
import TestRasters
import Testing

@Suite("Radar images brought onto the map")
struct CorrectionTests {
  let scratch = Scratch()

  /// A correction with all of its pixels.
  private struct Result {
    let grid: Grid
    var bands: [[Float]]
    var incidence: [Float]
    let tally: RadarCorrection.Tally
    let notes: [String]

    /// The value at a place in degrees, of a band.
    func value(_ place: DrawnRadarProduct.Target, _ plane: [Float]) throws -> Float {
      let (column, row) = try pixel(place)
      return plane[row * grid.width + column]
    }

    func pixel(_ place: DrawnRadarProduct.Target) throws -> (column: Int, row: Int) {
      let projection = try MapProjection(from: CRS.epsg(4326), to: grid.crs, path: "test")
      let map = try #require(projection.apply((place.longitude, place.latitude)))
      let found = try #require(grid.transform?.inverse).apply(column: map.x, row: map.y)
      return (Int(found.x), Int(found.y))
    }

    /// The middle of the bright pixels around a place, in pixels from it.
    func offset(_ place: DrawnRadarProduct.Target) throws -> Double {
      let (column, row) = try pixel(place)
      var (x, y, count) = (0.0, 0.0, 0.0)
      for down in -8...8 {
        for right in -8...8 where bands[0][(row + down) * grid.width + column + right] > 10 {
          (x, y, count) = (x + Double(right), y + Double(down), count + 1)
        }
      }
      return count > 0 ? (x * x + y * y).squareRoot() / count : .infinity
    }
  }

  private func corrected(
    _ product: DrawnRadarProduct, _ options: RadarCorrection.Options
  ) throws -> Result {
    let correction = try RadarCorrection(
      GroundRangeFolder(product.folder), polarisations: ["VV", "VH"], options: options)
    let count = correction.grid.width * correction.grid.height
    var bands = [[Float]](repeating: [Float](repeating: .nan, count: count), count: 2)
    var incidence = bands[0]
    for window in correction.windows {
      guard let tile = try correction.tile(window) else { continue }
      for row in 0..<window.height {
        let start = (window.row + row) * correction.grid.width + window.column
        let own = row * window.width..<(row + 1) * window.width
        for band in 0..<2 {
          bands[band].replaceSubrange(start..<start + window.width, with: tile.bands[band][own])
        }
        if let angles = tile.incidence {
          incidence.replaceSubrange(start..<start + window.width, with: angles[own])
        }
      }
    }
    return Result(
      grid: correction.grid, bands: bands, incidence: incidence, tally: correction.tally,
      notes: try correction.notes())
  }

  private func terrain(_ product: DrawnRadarProduct) throws -> RadarCorrection.Options {
    .init(method: .terrain(GroundHeights(try ElevationModel(product.heights))))
  }

  @Test("Bright squares on the plain and on the hill lie within a pixel of their places")
  func squares() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 200)
    let result = try corrected(product, terrain(product))
    #expect(result.grid.crs?.authority == "EPSG:32632" && result.grid.transform?.columnX == 10)
    for target in product.targets {
      // Squares lie on whole pixels of the image, half a pixel aside at most; slopes draw that out.
      #expect(try result.offset(target) < 1, "\(target)")
    }
    #expect(result.notes.isEmpty && result.tally.withoutHeight == 0)
  }

  @Test("Away from the squares a place has the power of its own pixel of the image, in decibels")
  func values() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 200)
    let result = try corrected(product, terrain(product))
    for (east, north) in [(0.004, 0.006), (-0.01, 0.002), (0.012, -0.008), (-0.018, 0.004)] {
      let place = product.target(
        longitude: product.top.longitude + east, latitude: product.top.latitude + north)
      let gain = product.gain(line: place.line, sample: place.sample)
      let noise = product.noise(line: place.line, sample: place.sample)
      for (band, number) in [(0, 150.0), (1, 70.0)] {
        let expected = 10 * log10((number * number - noise) / (gain * gain))
        // The middle of the map's pixel is half a pixel aside at most.
        #expect(abs(Double(try result.value(place, result.bands[band])) - expected) < 0.02, "\(place)")
      }
    }
  }

  @Test("Heights above the sea need the geoid: without it squares lie aside, and a note asks for it")
  func geoid() throws {
    // The product's annotation has the plain's height everywhere.
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0, undulation: 48)
    let wrong = try corrected(product, terrain(product))
    #expect(try wrong.offset(product.targets[1]) > 4)
    #expect(
      wrong.notes.count == 1 && wrong.notes[0].contains("are 48 m below those of the product's annotation"),
      "\(wrong.notes)")
    #expect(wrong.notes[0].hasSuffix("are they above the geoid (heights: geoid)?"))
    let globe = Grid(
      width: 36, height: 18, transform: GeoTransform(originX: -180, originY: 90, pixelSize: 10),
      crs: try CRS.epsg(4326))
    let geoid = try scratch.raster(
      "geoid.tif", grid: globe, bands: [[Float](repeating: 48, count: 36 * 18)],
      options: .init(type: .float32, bandNames: ["N"]))
    let heights = GroundHeights(try ElevationModel(product.heights), geoid: try ElevationModel(geoid: geoid))
    let right = try corrected(product, .init(method: .terrain(heights)))
    #expect(right.notes.isEmpty)
    for target in product.targets { #expect(try right.offset(target) < 1) }
  }

  @Test("Through the coarse grid the plain is right; a hill lies aside by its height over the tangent")
  func coarseGrid() throws {
    var options = RadarCorrection.Options(method: .grid)
    options.mask = []
    let plain = try DrawnRadarProduct(in: scratch.path, hill: 0)
    let flat = try corrected(plain, options)
    for target in plain.targets { #expect(try flat.offset(target) < 1) }
    let other = Scratch()
    let hilly = try DrawnRadarProduct(in: other.path, hill: 60)
    let result = try corrected(hilly, options)
    let off = try result.offset(hilly.targets[0])
    // Squares lie on whole pixels of the image, half a pixel aside at most in line and sample.
    #expect(abs(off - 6 / tan(35.5 * .pi / 180)) < 1.5, "\(off)")
    #expect(
      result.notes.count == 1 && result.notes[0].contains("1.4 to 1.4 m aside for each metre"),
      "\(result.notes)")
  }

  @Test(
    "Slopes steeper than the line of sight are layover, and their backs shadow; both are no data by default")
  func hidden() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 2600)
    let masked = try corrected(product, terrain(product))
    #expect(masked.tally.layover > 1000 && masked.tally.shadow > 500)
    var options = try terrain(product)
    options.mask = []
    options.wantsIncidence = true
    let whole = try corrected(product, options)
    #expect(whole.tally.layover == 0)
    let hidden = zip(masked.bands[0], whole.bands[0]).filter { $0.isNaN && !$1.isNaN }.count
    #expect(hidden > 1500 && hidden <= masked.tally.layover + masked.tally.shadow)
    // What is turned away from the radar is in the shadow of what is before it, but for the pixel at its
    // beginning.
    let away = whole.incidence.indices.filter { whole.incidence[$0] > 90.5 }
    let seen = away.filter { !masked.bands[0][$0].isNaN }
    #expect(away.count > 100 && seen.count < away.count / 5, "\(seen.count) of \(away.count)")
  }

  @Test("The local incidence of the plain is that of the ellipsoid; of slopes that of their normal")
  func incidence() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 200)
    var options = try terrain(product)
    options.wantsIncidence = true
    let result = try corrected(product, options)
    for place in product.targets + [
      product.target(longitude: product.top.longitude + 0.006, latitude: product.top.latitude)
    ] {
      // The normal from the closed form of the hill, by differences of a metre.
      func point(_ east: Double, _ north: Double) -> CircularOrbit.Place {
        let longitude = place.longitude + east / (111_320 * cos(place.latitude * .pi / 180))
        let latitude = place.latitude + north / 111_132
        return CircularOrbit.earthFixed(
          longitude: longitude, latitude: latitude,
          height: product.elevation(longitude: longitude, latitude: latitude))
      }
      let (a, b) = (point(5, 0) - point(-5, 0), point(0, 5) - point(0, -5))
      let normal = CircularOrbit.Place(
        a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
      let sight = product.orbit.position(at: place.line * product.interval) - point(0, 0)
      let cosine =
        CircularOrbit.dot(normal, sight)
        / (CircularOrbit.dot(normal, normal) * CircularOrbit.dot(sight, sight)).squareRoot()
      let expected = acos(cosine) * 180 / .pi
      #expect(abs(Double(try result.value(place, result.incidence)) - expected) < 0.5, "\(place)")
    }
  }

  @Test(
    "Heights in tiles of a directory are those of one raster, seams included; what lies outside is counted")
  func tiles() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 200)
    let whole = try corrected(product, terrain(product))
    let file = try RasterFile(path: product.heights)
    _ = try scratch.directory("tiles")
    let (width, height) = (file.grid.width, file.grid.height)
    let cuts = [0, width / 2 + 3, width]
    for (index, range) in zip(cuts, cuts.dropFirst()).enumerated() {
      for (row, rows) in [(0, height / 3), (height / 3, height)].enumerated() {
        let window = Window(column: range.0, row: rows.0, width: range.1 - range.0, height: rows.1 - rows.0)
        try scratch.raster(
          "tiles/t\(index)\(row).tif", grid: file.grid.forWindow(window),
          bands: [try file.read(window, band: 1)],
          options: .init(type: .float32, bandNames: ["h"], noData: -9999))
      }
    }
    let tiled = try corrected(
      product, .init(method: .terrain(GroundHeights(try ElevationModel(scratch.file("tiles"))))))
    #expect(zip(tiled.bands[0], whole.bands[0]).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
    try FileManager.default.removeItem(atPath: scratch.file("tiles/t01.tif"))
    let part = try corrected(
      product, .init(method: .terrain(GroundHeights(try ElevationModel(scratch.file("tiles"))))))
    #expect(
      part.tally.withoutHeight > part.tally.inImage / 10 && part.tally.withoutHeight < part.tally.inImage)
    let lost = zip(part.bands[0], whole.bands[0]).filter { $0.isNaN && !$1.isNaN }.count
    #expect(abs(lost - part.tally.withoutHeight) < part.tally.inImage / 20)
  }

  @Test("Larger pixels have the mean power of the smaller ones")
  func larger() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 200)
    var options = try terrain(product)
    let small = try corrected(product, options)
    options.resolution = 40
    let large = try corrected(product, options)
    #expect(large.grid.transform?.columnX == 40)
    let target = product.targets[1]
    let (column, row) = try large.pixel(target)
    let map = large.grid.transform!.apply(column: Double(column), row: Double(row))
    let start = small.grid.transform!.inverse!.apply(column: map.x, row: map.y)
    var sum = 0.0
    for down in 0..<4 {
      for right in 0..<4 {
        let place = (Int(start.y.rounded()) + down) * small.grid.width + Int(start.x.rounded()) + right
        sum += pow(10, Double(small.bands[0][place]) / 10)
      }
    }
    #expect(abs(Double(large.bands[0][row * large.grid.width + column]) - 10 * log10(sum / 16)) < 0.01)
  }

  @Test("Heights that cannot be some, rasters without a position and images of another size are refused")
  func refused() throws {
    let product = try DrawnRadarProduct(in: scratch.path, hill: 0)
    let file = try RasterFile(path: product.heights)
    let bounds = file.grid.bounds
    let lost = try scratch.raster(
      "lost.tif", grid: Grid(width: bounds.width, height: bounds.height),
      bands: [[Float](repeating: 100, count: bounds.pixelCount)],
      options: .init(type: .float32, bandNames: ["h"]))
    #expect(throws: RasterError.self) { try ElevationModel(lost) }
    let odd = try scratch.raster(
      "odd.tif", grid: file.grid, bands: [[Float](repeating: -32768, count: bounds.pixelCount)],
      options: .init(type: .float32, bandNames: ["h"]))
    let refusal = #expect(throws: RasterError.self) {
      try corrected(product, .init(method: .terrain(GroundHeights(try ElevationModel(odd)))))
    }
    #expect(refusal?.description.contains("-32768.0 m is no height") == true)
    _ = try scratch.directory("empty")
    #expect(throws: RasterError.self) { try ElevationModel(scratch.file("empty")) }
    var geographic = try terrain(product)
    geographic.crs = try CRS.epsg(4326)
    let unit = #expect(throws: RasterError.self) { try corrected(product, geographic) }
    #expect(unit?.code == .noCRS)
    let measurement = try GroundRangeFolder(product.folder).images[0].measurement
    let writer = try RasterWriter(
      path: measurement, grid: Grid(width: 479, height: 320), options: .init(type: .uint16, bandNames: [""]))
    try writer.close()
    let size = #expect(throws: RasterError.self) { try corrected(product, terrain(product)) }
    #expect(size?.code == .gridMismatch)
  }
}

@Suite("Hidden ground")
struct HiddenTerrainTests {
  /// Eight pixels along the way of the radar: slant ranges that fall back once, and looks that do.
  @Test(
    "What falls back in range is layover on both sides of the fold, what falls back in angle is shadow",
    arguments: [(1.0, 0.0), (-1, 0), (0, 1), (0, -1)])
  func fold(x: Double, y: Double) {
    let ranges: [Float] = [0, 2, 4, 6, 5, 4.5, 8, 9]
    let looks: [Float] = [0, 1, 5, 6, 7, 6.5, 5, 8]
    let isReversed = x + y < 0
    let search = HiddenTerrainSearch(width: x == 0 ? 1 : 8, height: x == 0 ? 8 : 1, direction: (x, y))
    func along<Value>(_ values: [Value]) -> [Value] { isReversed ? values.reversed() : values }
    let marks = along(search.marks(ranges: along(ranges), looks: along(looks)))
    #expect(marks == [0, 0, 0, 1, 1, 3, 2, 0])
  }

  @Test("Oblique lines go through each pixel once, and a ridge hides what lies along its line only")
  func oblique() {
    let (width, height) = (40, 30)
    let direction = (x: 0.8, y: 0.6)
    var (ranges, looks) = ([Float](), [Float]())
    for row in 0..<height {
      for column in 0..<width {
        let way = Double(column) * direction.x + Double(row) * direction.y
        ranges.append(Float(way))
        // A mast at (20, 15) is seen at the angle of what lies five pixels on.
        looks.append(Float(column == 20 && row == 15 ? way + 5 : way))
      }
    }
    let marks = HiddenTerrainSearch(width: width, height: height, direction: direction)
      .marks(ranges: ranges, looks: looks)
    let hidden = marks.indices.filter { marks[$0] != 0 }.map { (x: $0 % width, y: $0 / width) }
    #expect(!hidden.isEmpty && hidden.count <= 6)
    for place in hidden {
      let (right, down) = (Double(place.x - 20), Double(place.y - 15))
      #expect(right * direction.x + down * direction.y > 0)
      #expect(abs(right * direction.y - down * direction.x) < 1)
    }
  }
}
