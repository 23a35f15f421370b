import Foundation
import Products
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Pictures of scenes beside their maps")
struct ScenePictureTests {
  private let scratch = Scratch()

  /// Writes a scene of 8 x 8 pixels in which each band has its own bright column; the first column is fill.
  private func scene(_ name: String, _ bands: [String]) throws -> SceneSource {
    let values = bands.indices.map { band in
      (0..<64).map { pixel -> UInt16 in pixel % 8 == 0 ? 0 : pixel % 8 == band + 1 ? 3000 : 500 }
    }
    return try SceneSource(
      path: scratch.raster(
        name, grid: utmGrid(8, 8), bands: values, options: .init(type: .uint16, bandNames: bands, noData: 0)))
  }

  private func pixels(_ picture: ScenePicture) throws -> [[UInt8]] {
    let path = scratch.file("picture.png")
    try picture.picture.write(to: path)
    let file = try RasterFile(path: path)
    return try (1...4).map { try file.readValues(file.grid.bounds, band: $0) }
  }

  @Test("Red, green and blue are the bands of these colours, whatever their order; fill is transparent")
  func natural() throws {
    let source = try scene("s2.tif", ["B02", "B03", "B04", "B08"])
    let picture = try ScenePicture(
      of: Scene(source, sensor: .sentinel2L2A, bands: ["B02", "B03", "B04"]))
    #expect(picture.words == "natural colours (B04, B03, B02)")
    let levels = try pixels(picture)
    // The bright column of B02 is the second one, of B04 the fourth.
    #expect(levels.map { $0[1] } == [0, 0, 255, 255] && levels.map { $0[3] } == [255, 0, 0, 255])
    #expect(levels[3][0] == 0)
  }

  @Test("Without the three colours there are false ones, without these a band in grey")
  func others() throws {
    let source = try scene("s2.tif", ["B03", "B04", "B08", "B11"])
    let bands = ["B03", "B04", "B08"]
    #expect(
      try ScenePicture(of: Scene(source, sensor: .sentinel2L2A, bands: bands)).words
        == "false colours (B08, B04, B03)")
    let grey = try ScenePicture(of: Scene(source, sensor: .sentinel2L2A, bands: ["B11"]))
    #expect(grey.words == "grey (B11)")
    let levels = try pixels(grey)
    #expect(levels[0] == levels[1] && levels[1] == levels[2] && levels[0][4] == 255)
    #expect(PictureBands(of: ["x", "green", "red", "blue"], by: .custom(bands: [])).indices == [2, 1, 3])
  }

  @Test("A large scene becomes a small picture, the same each time")
  func size() throws {
    let side = 1500
    let values = (0..<side * side).map { UInt16(500 + $0 % 701) }
    let source = try SceneSource(
      path: scratch.raster(
        "large.tif", grid: utmGrid(side, side), bands: [values],
        options: .init(type: .uint16, bandNames: ["B04"], noData: 0)))
    let files = try (1...2).map { turn -> Data in
      let picture = try ScenePicture(of: Scene(source, sensor: .sentinel2L2A, bands: ["B04"]))
      #expect(picture.picture.width == ScenePicture.side && picture.picture.height == ScenePicture.side)
      let path = scratch.file("\(turn).png")
      try picture.picture.write(to: path)
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    #expect(files[0] == files[1])
  }

  @Test("A raster of classes knows its legend, and becomes a picture with a palette")
  func legend() throws {
    let legend = Legend(entries: [
      .init(value: 1, name: "water", color: Color("#419bdf")!),
      .init(value: 7, name: "trees", color: Color("#397d49")!),
    ])
    let path = try scratch.raster(
      "classes.tif", grid: utmGrid(4, 1), bands: [[UInt8]([0, 1, 7, 9])],
      options: .init(type: .byte, bandNames: ["class"], noData: 0, legend: legend))
    let file = try RasterFile(path: path)
    #expect(file.legend == legend)
    let png = scratch.file("classes.png")
    try PalettePicture(classes: file, legend: legend, side: 100).png().write(to: URL(fileURLWithPath: png))
    let picture = try RasterFile(path: png)
    #expect(picture.bands.count == 1 && picture.bands[0].colorInterpretation == "Palette")
    let plain = try RasterFile(
      path: scratch.raster(
        "plain.tif", grid: utmGrid(2, 1), bands: [[UInt8]([0, 1])],
        options: .init(type: .byte, bandNames: ["x"], noData: nil)))
    #expect(plain.legend == nil)
  }
}
