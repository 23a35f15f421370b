import Foundation
import Pipelines
import Rasters
import Runs
import Scenes
import Settings
import Testing

@Suite("Scale, offset and no data of a pipeline file")
struct WrittenNumbersTests {
  let site: Site

  init() throws { site = try Site() }

  private func file(_ name: String) -> URL { site.directory.appendingPathComponent(name) }

  private func pipeline(_ text: String) throws -> Pipeline {
    try Pipeline.parse(text, path: "p.yaml", url: file("p.yaml"), stages: FakeStages.registry)
  }

  private func raster(_ name: String, noData: Double? = nil, scale: Double? = nil) throws {
    let grid = Grid(
      width: 4, height: 4, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
      crs: try CRS.epsg(32632))
    let writer = try RasterWriter(
      path: file(name).path, grid: grid,
      options: .init(type: .uint16, bandNames: ["B02", "B03"], noData: noData, scale: scale))
    for band in 1...2 {
      try writer.write(
        grid.bounds, band: band, [UInt16](repeating: 7, count: 4) + [UInt16](repeating: 2000, count: 12))
    }
    try writer.close()
  }

  private func text(_ sensor: String, _ numbers: String, entry: String = "") -> String {
    """
    sensor: \(sensor)
    bands: [B02, B03]
    \(numbers)
    classes: [{value: 1, name: a}, {value: 2, name: b}]
    data: {unlabelled: [{scene: a.tif\(entry)}], scenes: b.tif}
    stages: [train: {}, map: {}, publish: {}]

    """
  }

  /// The last pixel's value and the number of valid pixels of a scene.
  private func read(_ name: String, _ pipeline: Pipeline) throws -> (value: Float, valid: Int) {
    let scene = try SceneOpening(pipeline.file).scene(SceneSource(path: file(name).path))
    let block = try scene.read(scene.grid.bounds)
    return (block.values[15], block.validCount)
  }

  @Test("Those of a user's own sensor are for all scenes, and win over the tags of files")
  func ownSensor() throws {
    try raster("a.tif", noData: 3, scale: 0.5)
    try raster("b.tif")
    let file = try pipeline(text("custom", "scale: 0.0001\noffset: -0.1\nno-data: 7"))
    for name in ["a.tif", "b.tif"] {
      let found = try read(name, file)
      #expect(abs(found.value - 0.1) < 1e-6 && found.valid == 12)
    }
    let plain = try read("b.tif", pipeline(text("custom", "")))
    #expect(plain.value == 2000 && plain.valid == 16)
  }

  @Test("An entry's are for its scene alone, of any sensor; what it does not say is as before")
  func entry() throws {
    try raster("a.tif")
    try raster("b.tif")
    let file = try pipeline(text("sentinel-2-l2a", "", entry: ", offset: -0.1"))
    #expect(abs(try read("a.tif", file).value - 0.1) < 1e-6)
    #expect(abs(try read("b.tif", file).value - 0.2) < 1e-6)
    let noData = try pipeline(text("sentinel-2-l2a", "", entry: ", no-data: 2000"))
    #expect(try read("a.tif", noData).valid == 4)
  }

  @Test("They are refused beside another sensor, and a scale of 0 always")
  func mistakes() throws {
    try raster("a.tif")
    try raster("b.tif")
    func mistake(_ text: String) -> String {
      do { _ = try pipeline(text) } catch { return "\(error)" }
      return ""
    }
    #expect(
      mistake(text("sentinel-2-l2a", "offset: -0.1")).contains(
        "p.yaml:3:9: error: 'offset' belongs to 'sensor: custom'; of another sensor's scene an entry"))
    #expect(mistake(text("custom", "scale: 0")).contains("a 'scale' of 0 makes all numbers one"))
    #expect(mistake(text("custom", "scale: 2")).isEmpty)
  }

  @Test("They are part of the keys of jobs that read pixels, where they are written")
  func keys() throws {
    try site.write("incoming/a.txt", "one")
    func shared(_ words: String) throws -> String {
      site.source = "scene: source.txt\(words)"
      return try #require(site.plan().jobs.first { $0.stage == "map" }).components.shared.canonical
    }
    let plain = try shared("")
    #expect(!plain.contains("numbers") && !plain.contains("readings"))
    #expect(try shared(", offset: -0.1").contains(#""numbers":[null,-0.1,null]"#))
    #expect(try !shared(", band-order: [a, b]").contains("numbers"))
  }
}
