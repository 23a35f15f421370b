import CGDAL
import Foundation
import Products
import Rasters
import TestRasters
import Testing

@Suite("Products")
struct ProductTests {
  let scratch = Scratch()

  /// The tests call GDAL themselves, whose functions are not there before it is loaded.
  init() { GDALLibrary.start() }
  let legend = Legend(entries: [
    .init(value: 1, name: "water", color: Color("#419bdf")!),
    .init(value: 3, name: "crops & <grass>", color: Color("#e49635")!),
  ])

  /// A class map of stripes, with a block of no data.
  private func classMap(_ name: String = "map.tif", width: Int = 1300, height: Int = 700) throws -> String {
    let grid = utmGrid(width, height)
    let writer = try RasterWriter(
      path: scratch.file(name), grid: grid, options: .init(type: .byte, bandNames: ["class"], noData: 0))
    for strip in grid.bounds.strips(ofHeight: 256).reversed() {
      let classes = strip.rows.flatMap { row in
        (0..<width).map { column -> UInt8 in
          if row < 100, column < 100 { return 0 }
          return column / 64 % 2 == 0 ? 1 : 3
        }
      }
      try writer.write(strip, classes)
    }
    try writer.close()
    return scratch.file(name)
  }

  @Test("a COG holds palette, no-data, names, tags and overviews, as GDAL's own tool reads them")
  func cog() throws {
    let output = scratch.file("out.tif")
    try CloudOptimizedGeoTIFF.write(
      source: classMap(), to: output, legend: legend, overviews: .nearest, metadata: ["TERRANE_KEY": "abc"],
      noData: 0)
    let file = try RasterFile(path: output)
    #expect(file.bands[0].colorInterpretation == "Palette")
    #expect(file.bands[0].noData == 0)
    #expect(file.bands[0].description == "class")
    #expect(file.bands[0].blockSize.width == 512 && file.bands[0].blockSize.height == 512)
    #expect(file.metadata["TERRANE_KEY"] == "abc")
    #expect(file.metadata["CLASS_3"] == "crops & <grass>")
    #expect(file.grid.isSame(as: utmGrid(1300, 700)))
    let row: [UInt8] = try file.readValues(Window(column: 60, row: 200, width: 8, height: 1), band: 1)
    #expect(row == [1, 1, 1, 1, 3, 3, 3, 3])
    #expect(scratch.entries == ["map.tif", "out.tif", "out.tif.aux.xml"])
  }

  @Test("GDAL itself finds overviews, colours and category names in a COG")
  func asOthersSeeIt() throws {
    let output = scratch.file("out.tif")
    try CloudOptimizedGeoTIFF.write(
      source: classMap(), to: output, legend: legend, overviews: .nearest, noData: 0)
    // As a GIS would open it: with side-cars.
    CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", "YES")
    CPLSetThreadLocalConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "NO")
    defer {
      CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", nil)
      CPLSetThreadLocalConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", nil)
    }
    let dataset = try #require(GDALOpen(output, GA_ReadOnly))
    defer { GDALClose(dataset) }
    let layout = GDALGetMetadataItem(GDALMajorObjectH(dataset.rawValue), "LAYOUT", "IMAGE_STRUCTURE")
    #expect(layout.map { String(cString: $0) } == "COG")
    let band = try #require(GDALGetRasterBand(dataset, 1))
    #expect(GDALGetOverviewCount(band) == 2)
    let overview = try #require(GDALGetOverview(band, 0))
    #expect(GDALGetRasterBandXSize(overview) == 650)
    let names = try #require(GDALGetRasterCategoryNames(band))
    #expect((0..<4).map { String(cString: names[$0]!) } == ["", "water", "", "crops & <grass>"])
    let color = try #require(GDALGetColorEntry(GDALGetRasterColorTable(overview), 3)).pointee
    #expect([color.c1, color.c2, color.c3, color.c4] == [228, 150, 53, 255])
    let clear = try #require(GDALGetColorEntry(GDALGetRasterColorTable(band), 0)).pointee
    #expect(clear.c4 == 0)
  }

  @Test("Statistics that GDAL adds to the names of categories are told from other changes")
  func statistics() throws {
    let output = scratch.file("out.tif")
    try CloudOptimizedGeoTIFF.write(
      source: classMap(), to: output, legend: legend, overviews: .nearest, noData: 0)
    let file = CloudOptimizedGeoTIFF.categoryFile(of: output)
    let original = try String(contentsOfFile: file, encoding: .utf8)
    CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", "YES")
    CPLSetThreadLocalConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "NO")
    defer {
      CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", nil)
      CPLSetThreadLocalConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", nil)
    }
    let dataset = try #require(GDALOpen(output, GA_ReadOnly))
    var (least, most, mean, deviation) = (0.0, 0.0, 0.0, 0.0)
    let band = GDALGetRasterBand(dataset, 1)
    #expect(
      GDALComputeRasterStatistics(band, 0, &least, &most, &mean, &deviation, nil, nil)
        == CE_None)
    GDALClose(dataset)
    let added = try String(contentsOfFile: file, encoding: .utf8)
    #expect(added != original && added.contains("STATISTICS_MEAN"))
    #expect(CategoryFile.original(of: added) == original && CategoryFile.original(of: original) == original)
    let renamed = try #require(CategoryFile.original(of: added.replacing("water", with: "waiter")))
    #expect(renamed != original)
    for damaged in [
      added.replacing("band=\"1\"", with: "band=\"2\""),
      added.replacing("PAMRasterBand", with: "PAMRasterBund"), "",
    ] {
      #expect(CategoryFile.original(of: damaged) == nil)
    }
  }

  /// Beyond the limit every write fails, as on a full disk, at whatever the file is made of there.
  @Test(
    "a file that cannot be written to its end is an error",
    arguments: [100, 500, 900, 2_000, 20_000, 200_000])
  func limitedFile(bytes: Int) async throws {
    await #expect(processExitsWith: .success) { [bytes = bytes as Int] in
      signal(SIGXFSZ, SIG_IGN)
      let scratch = Scratch()
      var random = SeededNumbers(seed: bytes)
      let noise = (0..<700 * 700).map { _ in UInt8.random(in: 1...255, using: &random) }
      let whole = try scratch.raster(
        "whole.tif", grid: utmGrid(700, 700), bands: [noise], options: .init(type: .byte, bandNames: ["x"]))
      var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t.max)
      setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
      let codes: [RasterError.Code] = [.diskFull, .inputOutput, .cannotCreate]
      let torn = #expect(throws: RasterError.self) {
        try scratch.raster(
          "torn.tif", grid: utmGrid(700, 700), bands: [noise], options: .init(type: .byte, bandNames: ["x"]))
      }
      #expect(torn.map { codes.contains($0.code) } == true, "\(String(describing: torn))")
      let cog = #expect(throws: RasterError.self) {
        try CloudOptimizedGeoTIFF.write(source: whole, to: scratch.file("cog.tif"), overviews: .nearest)
      }
      #expect(cog.map { codes.contains($0.code) } == true, "\(String(describing: cog))")
    }
  }

  @Test(
    "every type of pixel is read back as it was written, whatever type it was handed over in",
    arguments: PixelType.allCases)
  func readBack(type: PixelType) throws {
    let values: [Float] = (0..<600 * 300).map { $0 % 7 == 0 ? 0 : Float($0 % 251) }
    let path = try scratch.raster(
      "\(type).tif", grid: utmGrid(600, 300), bands: [values, values.map { -$0 }],
      options: .init(type: type, bandNames: ["x", "y"], noData: 0))
    #expect(try RasterFile(path: path).bands.count == 2)
    // Doubles and wide numbers are clamped and rounded as GDAL does.
    try scratch.raster(
      "wide-\(type).tif", grid: utmGrid(40, 30), bands: [(0..<1200).map { Double($0) * 1e4 + 0.4 }],
      options: .init(type: type, bandNames: ["x"]))
  }

  @Test("A band of values that are no numbers, or zeros of either sign, is not taken for a damaged one")
  func equalsOfNoData() throws {
    for (name, value, noData) in [
      ("nan", Float.nan, Double.nan), ("sign", -Float.nan, .nan), ("zero", -0, 0),
    ] {
      try scratch.raster(
        name + ".tif", grid: utmGrid(300, 300), bands: [[Float](repeating: value, count: 90_000)],
        options: .init(type: .float32, bandNames: ["x"], noData: noData))
    }
  }

  @Test("the same raster gives the same bytes twice")
  func sameBytes() throws {
    var outputs: [Data] = []
    for run in 1...2 {
      let output = scratch.file("out\(run).tif")
      try CloudOptimizedGeoTIFF.write(
        source: classMap("map\(run).tif"), to: output, legend: legend, overviews: .nearest)
      outputs.append(try #require(FileManager.default.contents(atPath: output)))
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test("colours read from and to their text")
  func colors() {
    #expect(Color("#419bdf") == Color(red: 65, green: 155, blue: 223))
    #expect(Color("#000a0F")?.description == "#000a0f")
    for text in ["419bdf", "#419bd", "#419bdg", "#+19bdf", ""] { #expect(Color(text) == nil, "\(text)") }
  }

  @Test("a picture has the legend's colours and leaves no data transparent")
  func preview() throws {
    let picture = scratch.file("map.png")
    try Preview(classes: classMap(), legend: legend).write(to: picture)
    let file = try RasterFile(path: picture)
    #expect(file.driverName == "PNG")
    #expect(file.grid.width == 1024 && file.grid.height == 551)
    let corner: [[UInt8]] = try (1...4).map {
      try file.readValues(Window(column: 0, row: 0, width: 1, height: 1), band: $0)
    }
    #expect(corner == [[0], [0], [0], [0]])
    let water: [[UInt8]] = try (1...4).map {
      try file.readValues(Window(column: 0, row: 200, width: 1, height: 1), band: $0)
    }
    #expect(water == [[65], [155], [223], [255]])
  }

  @Test(
    "pictures of bands are stretched between their quantiles, lie in a row, and leave what is not finite transparent"
  )
  func row() throws {
    let ramp = (0..<100).map { Float($0) }
    var holed = ramp
    holed[99] = .nan
    let grey = Preview(width: 10, height: 10, bands: [ramp])
    let colored = Preview(width: 10, height: 10, bands: [ramp, holed, ramp.map { 99 - $0 }])
    let picture = scratch.file("row.png")
    try PictureSheet([.init("", grey), .init("", colored)], legends: [], metres: nil).picture.write(
      to: picture)
    let file = try RasterFile(path: picture)
    let channels: [[UInt8]] = try (1...4).map { try file.readValues(file.grid.bounds, band: $0) }
    // The pictures begin below the titles, a margin from the left; there are 8 columns between them.
    func pixel(_ column: Int, _ row: Int) -> [UInt8] {
      let place = (row + 36) * file.grid.width + 12 + (column < 10 ? column : column + 5)
      return channels.map { $0[place] }
    }
    // The quantiles of 2 % and 98 % are 2 and 97.
    #expect(pixel(0, 0) == [0, 0, 0, 255] && pixel(9, 9) == [255, 255, 255, 255])
    #expect(pixel(0, 5) == [128, 128, 128, 255])
    #expect(pixel(11, 4) == [255, 255, 255, 255])
    #expect(pixel(13, 0) == [0, 0, 255, 255] && pixel(22, 9) == [0, 0, 0, 0])
  }

  @Test("a hole in any part of a COG is found when it is verified", arguments: 1...12)
  func verification(seed: Int) throws {
    var random = SeededNumbers(seed: seed)
    let noise = (0..<1300 * 700).map { _ in UInt8.random(in: 1...255, using: &random) }
    let source = try scratch.raster(
      "noise.tif", grid: utmGrid(1300, 700), bands: [noise], options: .init(type: .byte, bandNames: ["x"]))
    let output = scratch.file("out.tif")
    try CloudOptimizedGeoTIFF.write(source: source, to: output, overviews: .nearest)
    var bytes = try #require(FileManager.default.contents(atPath: output))
    // A hole, as a write that failed leaves it, over the start of at least one block. (A few flipped bytes
    // inside a block can pass: in five of twelve such files GDAL 3.6 noticed nothing. That is what checksums
    // are for.)
    let hole = 300_000
    let place = Int.random(in: 4096..<bytes.count - hole, using: &random)
    bytes.replaceSubrange(place..<place + hole, with: Data(count: hole))
    try bytes.write(to: URL(fileURLWithPath: output))
    let error = #expect(throws: RasterError.self) { try RasterFile.verify(output) }
    #expect(error?.code == .notVerified)
  }

  @Test("an output that cannot be created says where")
  func notWritable() throws {
    let path = scratch.file("absent/map.tif")
    let error = #expect(throws: RasterError.self) {
      try RasterWriter(path: path, grid: utmGrid(2, 2), options: .init(type: .byte, bandNames: ["x"]))
    }
    #expect(error?.code == .cannotCreate)
    #expect(error?.path == path)
  }
}
