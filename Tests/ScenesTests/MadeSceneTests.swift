import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Scenes that stages make")
struct MadeSceneTests {
  private let scratch = Scratch()

  private func file(_ name: String, unit: String?) throws -> String {
    let grid = Grid(
      width: 4, height: 3, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
      crs: try CRS.epsg(32632))
    return try scratch.raster(
      name, grid: grid, bands: [(0..<12).map { Float($0) == 5 ? .nan : Float($0) / 8 }],
      options: .init(
        type: .float32, bandNames: ["B04"], noData: .nan,
        metadata: unit.map { ["TERRANE_UNIT": $0, "ACQUISITION_DATE": "2023-06-15"] } ?? [:]))
  }

  private func open(_ path: String, _ sensor: Sensor) throws -> Scene {
    try Scene(SceneSource(path: path), sensor: sensor, bands: ["B04"])
  }

  @Test("Numbers that terrane has written in a unit are not scaled again")
  func physical() throws {
    let made = try file("made.tif", unit: "reflectance")
    for sensor in [Sensor.sentinel2L2A, .landsat8L2, .custom(bands: ["B04"])] {
      let scene = try Scene(
        SceneSource(path: made), sensor: sensor, bands: ["B04"], bandOrder: ["B04"])
      let block = try scene.read(scene.grid.bounds)
      // A value of 0 is a measurement: the file names its no data.
      #expect(block.valid == (0..<12).map { $0 != 5 } && block.values[4] == 0.5, "\(sensor.name)")
    }
    let plain = try open(try file("plain.tif", unit: nil), .sentinel2L2A)
    #expect(try plain.read(plain.grid.bounds).values[4] == Float(0.5 * 1e-4))
    #expect("\(try #require(try SceneSource(path: made).acquisition).day)" == "2023-06-15")
  }

  @Test("A sensor of another unit refuses them")
  func otherUnit() throws {
    let made = try file("made.tif", unit: "dB")
    let error = #expect(throws: RasterError.self) { _ = try open(made, .sentinel2L2A) }
    #expect(error?.code == .unsupported && error?.cause?.contains("its values are dB") == true)
  }

  @Test("What is known of a scene beforehand counts, and it goes back to those that were delivered")
  func origin() throws {
    let delivered = ["2023-06-04", "2023-06-24"].map {
      SceneSource(name: "s2_\($0)", path: "/incoming/s2_\($0).tif", files: ["/incoming/s2_\($0).tif"])
    }
    let grid = Grid(width: 7, height: 5)
    let composite = SceneSource(
      name: "june", path: "/output/june/scene.tif", files: ["/output/june/scene.tif"],
      origin: SceneOrigin(of: delivered, day: Day("2023-06-15"), grid: grid))
    #expect(composite.grid == grid && composite.named("renamed").grid == grid)
    #expect("\(try #require(composite.acquisition).day)" == "2023-06-15")
    let filtered = SceneSource(
      name: "june", path: "/output/june/despeckled.tif", files: ["/output/june/despeckled.tif"],
      origin: SceneOrigin(of: [composite, delivered[1]], day: Day("2023-06-15"), grid: grid))
    #expect(filtered.delivered == delivered)
    let days = try #require(filtered.days)
    #expect("\(days.first) \(days.last)" == "2023-06-04 2023-06-24")
  }

  @Test("Products state their clouds")
  func clouds() throws {
    let product = "S2A_MSIL2A_20230604T102601_N0300_R108_T32UPU_20230604T165902.SAFE"
    let safe = try scratch.directory(product)
    try scratch.write(
      "<a><Cloud_Coverage_Assessment>12.5</Cloud_Coverage_Assessment></a>", to: "\(product)/MTD_MSIL2A.xml")
    let image = "\(product)/GRANULE/L2A/IMG_DATA/R10m"
    _ = try scratch.directory(image)
    try scratch.write("", to: "\(image)/T32UPU_20230604T102601_B04_10m.jp2")
    #expect(try SceneSource(path: safe).delivery?.cloudShare == 0.125)
    #expect(try SceneSource(path: try file("plain.tif", unit: nil)).delivery?.cloudShare == nil)
  }
}
