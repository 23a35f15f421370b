import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Harmonized Landsat and Sentinel-2 products")
struct HarmonizedTests {
  let scratch = Scratch()

  /// Lays a product of 4 x 4 pixels: fill in the first row, elsewhere 1000 times the band's place, in tenths of
  /// a thousandth.
  private func product(_ kind: String, time: String = "T102601", bands: [String], in folder: String) throws
    -> String
  {
    let stem = "HLS.\(kind).T32UPU.2023165\(time).v2.0"
    _ = try scratch.directory(folder)
    for (place, band) in bands.enumerated() {
      try scratch.raster(
        "\(folder)/\(stem).\(band).tif", grid: utmGrid(4, 4),
        bands: [
          [Int16](repeating: -9999, count: 4) + [Int16](repeating: Int16(1000 * (place + 1)), count: 12)
        ],
        options: .init(type: .int16, bandNames: [""]))
    }
    // Cloud in the last pixel, fill in the first.
    try scratch.raster(
      "\(folder)/\(stem).Fmask.tif", grid: utmGrid(4, 4),
      bands: [[UInt8](repeating: 255, count: 4) + [UInt8](repeating: 64, count: 11) + [66]],
      options: .init(type: .byte, bandNames: [""]))
    return stem
  }

  @Test("A product's name tells its sensor, day, ground and version; Fmask hides clouds")
  func read() throws {
    let stem = try product("L30", bands: ["B04", "B05", "SZA"], in: "in/x")
    let source = try SceneSource(path: scratch.file("in/x"))
    #expect(source.name == stem && source.identity.fileName == stem)
    #expect(source.product?.sensors == ["hls-l30"] && source.ground == "T32UPU")
    #expect(source.acquisition?.day.description == "2023-06-14")
    #expect(source.delivery?.time == "2023-06-14T10:26:01Z" && source.delivery?.version == "2.0")
    let scene = try Scene(source, sensor: .harmonizedL30, bands: ["nir08", "red"])
    let block = try scene.read(scene.grid.bounds)
    #expect(block.valid == [Bool](repeating: false, count: 4) + [Bool](repeating: true, count: 11) + [false])
    #expect(abs(block.values[5] - 0.2) < 1e-6 && abs(block.values[16 + 5] - 0.1) < 1e-6)
    let all = try Scene(source, sensor: .harmonizedL30, bands: ["B05"], masking: .none)
    #expect(try all.read(all.grid.bounds).validCount == 12)
  }

  @Test(
    "A product is refused under the sensor of the other satellite, where a band of its name is another one",
    arguments: [
      ("S30", "hls-l30", "hls-s30"), ("L30", "hls-s30", "hls-l30"), ("S30", "sentinel-2-l2a", "hls-s30"),
    ])
  func otherSensor(kind: String, sensor: String, reader: String) throws {
    _ = try product(kind, bands: ["B05"], in: "x")
    let source = try SceneSource(path: scratch.file("x"))
    let sensor = try #require(Sensor.named(sensor))
    let refusal = #expect(throws: RasterError.self) { try Scene(source, sensor: sensor, bands: ["B05"]) }
    #expect(refusal?.code == .unsupported)
    #expect(refusal?.description.contains("it is HLS \(kind), Harmonized") == true)
    #expect(refusal?.description.contains("which '\(reader)' reads") == true)
  }

  @Test("Files of several products in one directory are a scene each; what lies beside them stays a scene")
  func together() throws {
    let first = try product("S30", bands: ["B04", "B8A"], in: "in")
    let second = try product("S30", time: "T102602", bands: ["B04"], in: "in")
    try scratch.write("no raster", to: "in/\(first).jpg")
    try scratch.raster(
      "in/other.tif", grid: utmGrid(4, 4), bands: [[UInt8](repeating: 1, count: 16)],
      options: .init(type: .byte, bandNames: [""]))
    let found = try SceneSearch().scenes(in: scratch.file("in"))
    #expect(found.map(\.name) == [first, second, "other"])
    #expect(found[0].files.count == 3 && found[1].files.count == 2 && found[0].identity != found[1].identity)
    #expect(try found[1].foundAnew() == found[1] && found[1].named("x").identity == found[1].identity)
    let several = #expect(throws: RasterError.self) { try SceneSource(path: scratch.file("in")) }
    #expect(
      several?.description.contains("it holds 2 scenes (\(first), \(second)) where one is wanted") == true)
    let alone = try SceneSource(path: scratch.file("in/\(first).B8A.tif"))
    let scene = try Scene(alone, sensor: .harmonizedS30, bands: ["B8A"])
    #expect(abs(try scene.read(scene.grid.bounds).values[7] - 0.2) < 1e-6)
    #expect(throws: RasterError.self) { try Scene(alone, sensor: .harmonizedL30, bands: ["B05"]) }
  }

  @Test("A band that is a link out of the directory refuses the product, and no other one")
  func link() throws {
    let first = try product("S30", bands: ["B04"], in: "in")
    _ = try product("S30", time: "T102602", bands: ["B04"], in: "in")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("in/\(first).B05.tif"), withDestinationPath: "/etc/hostname")
    let found = try SceneSearch().scenes(in: scratch.file("in"))
    #expect(found.map { $0.refusal?.code } == [.refusedPath, nil])
  }

  @Test("Names of other versions and of what was made from a product are no product's")
  func otherNames() {
    #expect(ProductName(in: "HLS.S30.T32UPU.2023165T102601.v1.5.B04.tif") == nil)
    #expect(ProductName(in: "HLS.S30.T32UPU.2023165T102601.v2.0.B04.tif")?.sensors == ["hls-s30"])
    #expect(Sensor.harmonizedL30.bandIndex(matching: "B08") == nil)
    #expect(
      Sensor.harmonizedL30.bands.map(\.name) == ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B09"])
  }
}
