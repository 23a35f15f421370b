import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Settings
import Testing

@Suite("Masks in pipelines", .startsCommand)
struct MaskStageTests {
  private func text(_ mask: String, stages: String, data: String = "{scenes: incoming}") -> String {
    """
    name: bench
    sensor: sentinel-2-l2a
    bands: [B03, B08]
    classes: [{value: 1, name: water}, {value: 2, name: "trees & <shrubs>"}]
    data: \(data)
    \(mask)
    stages: [\(stages)]
    """
  }

  /// Lays two dates of one ground, and beside each a mask of 20 m whose first two rows of the eastern half
  /// are 3.
  private func site() throws -> StagesSite {
    let site = try StagesSite()
    for day in ["2023-06-04", "2023-06-14"] {
      try site.scene("incoming/one_\(day).tif")
      let grid = Grid(
        width: 32, height: 32,
        transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 20),
        crs: try CRS.epsg(StagesSite.utm))
      let writer = try RasterWriter(
        path: site.url("incoming/one_\(day)_mask.tif").path, grid: grid,
        options: .init(type: .byte, bandNames: ["mask"]))
      try writer.write(grid.bounds, band: 1, (0..<1024).map { $0 < 64 && $0 % 32 >= 16 ? UInt8(3) : 1 })
      try writer.close()
    }
    try site.weights("w.safetensors")
    return site
  }

  private let mapping = "pretrain-load: {weights: w.safetensors}, inference: {window: 64, overlap: 8}"

  private func run(_ site: StagesSite, _ text: String) throws -> (code: Int32, output: String, errors: String)
  {
    try Data(text.utf8).write(to: site.url("bench.yaml"))
    return try site.run("bench.yaml")
  }

  @Test("What a mask hides has no class; observed.tif and the shares say what for; the mask is part of keys")
  func maps() throws {
    let site = try site()
    let stages = mapping + ", geotiff: {observed: true}"
    let mask = "mask: {from: {suffix: _mask, hide: [3]}}"
    let first = try run(site, text(mask, stages: stages))
    #expect(first.code == 0, "\(first.output) \(first.errors)")
    let products = "output/bench/products/one_2023-06-14"
    let map = try site.pixels("\(products)/landcover.tif")
    let observed = try site.pixels("\(products)/observed.tif")
    for pixel in 0..<64 * 64 {
      let (column, row) = (pixel % 64, pixel / 64)
      let isHidden = row < 4 && column >= 32
      #expect((map[pixel] == 0) == (isHidden || column < 3))
      #expect(observed[pixel] == (isHidden ? 14 : column < 3 ? 0 : 1))
    }
    let item = try JSONValue(
      parsing: String(contentsOf: site.url("\(products)/item.json"), encoding: .utf8))
    let shares = item["properties"]?["terrane:observed"]
    #expect(shares?["masked"] == .number(128.0 / 4096) && shares?["outside"] == .number(192.0 / 4096))
    let file = try RasterFile(path: site.url("\(products)/observed.tif").path)
    #expect(file.bands[0].noData == 0)
    // The masks are no scenes of their own.
    #expect(try site.subjects(of: "bench") == ["one_2023-06-04", "one_2023-06-14"])
    #expect(try run(site, text(mask, stages: stages)).output.contains("up to date"))
    // Other numbers of the mask hide other pixels.
    let other = try run(site, text("mask: {from: {suffix: _mask, hide: [1]}}", stages: stages))
    #expect(other.code == 0)
    let second = try site.pixels("\(products)/landcover.tif")
    #expect(second[40] != 0 && second[40 * 64 + 40] == 0)
  }

  @Test("What either date hides is 255 in a map of change")
  func changes() throws {
    let site = try site()
    let result = try run(
      site,
      text(
        "mask: {from: {suffix: _mask, clear: [1]}, grow: 20m}",
        stages: "change-detection: {method: cva}, geotiff: {}",
        data: "{scenes: incoming, pairing: by-date}"))
    #expect(result.code == 0, "\(result.output) \(result.errors)")
    let change = try site.pixels(
      "output/bench/products/one_2023-06-04--one_2023-06-14/change.tif")
    for pixel in 0..<64 * 64 {
      let (column, row) = (pixel % 64, pixel / 64)
      // One pixel of the mask further each way.
      #expect((change[pixel] == 255) == (row < 6 && column >= 30 && !(row >= 4 && column < 32) || column < 3))
    }
  }

  @Test("Keys of scenes without a mask are what they were; those of a product change with what is hidden")
  func keys() throws {
    let site = try site()
    func keys(_ mask: String) throws -> [String] {
      let pipeline = try Pipeline.parse(
        text(mask, stages: mapping), path: "bench.yaml", url: site.url("bench.yaml"), stages: .standard)
      let scene = try SceneSource(path: site.url("incoming/one_2023-06-14.tif").path)
      return try Plan(
        pipeline, scenes: [scene], versions: [:], hashes: ContentHashes(store: nil, kinds: .plain)
      ).jobs.map(\.key)
    }
    let plain = try keys("")
    #expect(try keys("mask: none") == plain && keys("mask: {hide: [snow]}") == plain)
    let masked = try keys("mask: {from: {suffix: _mask, hide: [3]}}")
    #expect(masked != plain && masked[0] == plain[0])
    #expect(try keys("mask: {from: {suffix: _mask, hide: [3]}, grow: 40m}") != masked)
    try Data([1]).write(to: site.url("incoming/one_2023-06-14_mask.tif"))
    #expect(try keys("mask: {from: {suffix: _mask, hide: [3]}}") != masked)
  }

  @Test("What no mask of the scenes knows is a mistake of validate, at its place")
  func strangeWords() throws {
    let site = try site()
    let name = "incoming/LC08_L2SP_193026_20230614_20230622_02_T1"
    try FileManager.default.createDirectory(at: site.url(name), withIntermediateDirectories: true)
    try site.scene("\(name)/x_SR_B3.TIF")
    try site.scene("\(name)/x_QA_PIXEL.TIF")
    try Data("GROUP = X\nEND".utf8).write(to: site.url("\(name)/x_MTL.txt"))
    func validate(_ words: String) throws -> String {
      let text = text("mask: {hide: [\(words)]}", stages: mapping)
      try Data(text.utf8).write(to: site.url("bench.yaml"))
      return try site.command("validate", "bench.yaml").errors
    }
    let errors = try validate("cloud, layover")
    #expect(
      errors.contains("bench.yaml:6:14: error: no mask of the scenes knows 'layover' (they know: cloud,"),
      "\(errors)")
    #expect(!(try validate("cloud, water")).contains("knows"))
  }

  @Test(
    "Mistakes in mask",
    arguments: [
      ("mask: sometimes", "must be one of product, none"),
      ("mask: {hide: [clouds]}", "no mask knows 'clouds'; did you mean 'cloud'?"),
      ("mask: {grow: 3}", "'grow' is a length in metres with its unit, 60m"),
      ("mask: {from: {suffix: _mask}}", "give either 'hide' or 'clear'"),
      ("mask: {from: {hide: [1]}}", "give the raster: 'map' or 'suffix'"),
      ("mask: {from: {masks: none, suffix: _m, hide: [1]}}", "'masks' goes without rasters of your own"),
      ("mask: {from: {map: nowhere.tif, hide: [1]}}", "nowhere.tif"),
    ])
  func mistakes(mask: String, message: String) throws {
    let site = try StagesSite()
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline.parse(
        text(mask, stages: "change-detection: {method: cva}"), path: "bench.yaml",
        url: site.url("bench.yaml"), stages: .standard)
    }
    #expect(
      error?.diagnostics.contains { $0.message.contains(message) } == true, "\(error?.description ?? "")")
  }
}
