import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("PlanetScope pictures")
struct PlanetScopeTests {
  let scratch = Scratch()
  private let item = "20230614_101559_12_2427"

  /// Lays a picture of 4 x 4 pixels: zeros in the first row, elsewhere 1000 times the band's place.
  private func picture(_ name: String, bandCount: Int, in folder: String = "in") throws {
    _ = try scratch.directory(folder)
    let bands = (1...bandCount).map { place in
      [UInt16](repeating: 0, count: 4) + [UInt16](repeating: UInt16(1000 * place), count: 12)
    }
    try scratch.raster(
      "\(folder)/\(name).tif", grid: utmGrid(4, 4), bands: bands,
      options: .init(type: .uint16, bandNames: [String](repeating: "", count: bandCount)))
  }

  /// Lays a mask: pixel 8 is snow, 9 shadow, 10 light haze, 11 heavy haze, 12 cloud; 13 is suspect in a band,
  /// 14 a cloud by the crude test alone.
  private func mask(_ name: String, in folder: String = "in") throws {
    let places = [-1, 8, 9, 10, 11, 12]
    var bands = places.map { place in (0..<16).map { UInt8($0 == place ? 1 : 0) } }
    bands.append([UInt8](repeating: 90, count: 16))
    bands.append((0..<16).map { $0 == 13 ? 0b1000 : $0 == 14 ? 0b10 : 0 })
    try scratch.raster(
      "\(folder)/\(name).tif", grid: utmGrid(4, 4), bands: bands,
      options: .init(type: .byte, bandNames: [String](repeating: "", count: 8)))
  }

  private func hidden(_ source: SceneSource, _ masking: Masking) throws -> [Int] {
    let scene = try Scene(source, sensor: .planetScope8, bands: ["red"], masking: masking)
    let valid = try scene.read(scene.grid.bounds).valid
    return valid.indices.filter { !valid[$0] && $0 >= 4 }
  }

  @Test("Bands without names go by the sensor's order, udm2 hides what is asked for, the description is read")
  func read() throws {
    try picture("\(item)_3B_AnalyticMS_SR_8b_harmonized_clip", bandCount: 8)
    try mask("\(item)_3B_udm2_clip")
    try scratch.write(
      #"{"properties": {"acquired": "2023-06-14T10:15:59Z", "cloud_percent": 6}}"#,
      to: "in/\(item)_metadata.json")
    let found = try SceneSearch().scenes(in: scratch.file("in"))
    let source = try #require(found.first)
    #expect(found.count == 1 && source.name == "\(item)_3B_AnalyticMS_SR_8b_harmonized_clip")
    #expect(source.acquisition?.day.description == "2023-06-14")
    #expect(source.delivery?.time == "2023-06-14T10:15:59Z" && source.delivery?.cloudShare == 0.06)
    #expect(try source.companions.count == 2)
    let scene = try Scene(source, sensor: .planetScope8, bands: ["nir", "coastal_blue"])
    let block = try scene.read(scene.grid.bounds)
    #expect(abs(block.values[5] - 0.8) < 1e-6 && abs(block.values[16 + 5] - 0.1) < 1e-6 && !block.valid[0])
    #expect(try hidden(source, .product) == [9, 12, 13])
    #expect(try hidden(source, Masking(.product, hiding: [.snow, .haze, .lowCloud])) == [8, 10, 11, 13])
    #expect(try hidden(source, .none) == [13])
    #expect(try SceneSource(path: source.path) == source)
  }

  @Test("Four and eight bands are told by the name; radiance and pictures for the eye are refused")
  func otherProducts() throws {
    try picture("\(item)_3B_AnalyticMS_SR", bandCount: 4, in: "sr")
    let four = try SceneSource(path: scratch.file("sr"))
    let scene = try Scene(four, sensor: .planetScope4, bands: ["red"])
    #expect(abs(try scene.read(scene.grid.bounds).values[5] - 0.3) < 1e-6)
    let refusal = #expect(throws: RasterError.self) { try Scene(four, sensor: .planetScope8, bands: ["red"]) }
    #expect(refusal?.description.contains("of four bands, which 'planetscope-4b' reads") == true)
    for (content, words) in [("AnalyticMS", "PlanetScope radiance"), ("Visual", "PlanetScope Visual")] {
      try picture("\(item)_3B_\(content)", bandCount: 4, in: content)
      let source = try SceneSource(path: scratch.file("\(content)/\(item)_3B_\(content).tif"))
      for sensor in [Sensor.planetScope4, .aerialRGBN, .sentinel2L2A] {
        let refusal = #expect(throws: RasterError.self) { try Scene(source, sensor: sensor, bands: ["red"]) }
        #expect(refusal?.code == .unsupported && refusal?.description.contains("it is \(words)") == true)
      }
    }
  }

  @Test(
    "An order gives each of its pictures once; masks and descriptions are no scenes, also without a picture")
  func order() throws {
    for number in ["2427", "2428"] {
      let item = "20230614_101559_12_\(number)"
      for content in ["AnalyticMS_SR", "AnalyticMS", "Visual"] {
        try picture("\(item)_3B_\(content)", bandCount: 4, in: "in/order")
      }
      try mask("\(item)_3B_udm2", in: "in/order")
      try picture("\(item)_3B_AnalyticMS_DN_udm", bandCount: 1, in: "in/order")
    }
    try mask("20230614_101559_12_2429_3B_udm2", in: "in/order")
    for directory in ["in", "in/order"] {
      let found = try SceneSearch().scenes(in: scratch.file(directory))
      #expect(found.map(\.name) == ["2427", "2428"].map { "20230614_101559_12_\($0)_3B_AnalyticMS_SR" })
      #expect(found.allSatisfy { $0.masks.count == 6 })
    }
  }

  @Test("A description that is no JSON, or is deep, leaves the product what its name says")
  func brokenDescription() throws {
    try picture("\(item)_3B_AnalyticMS_SR", bandCount: 4)
    for text in ["{", String(repeating: "[", count: 100_000), #"{"properties": {"cloud_percent": "x"}}"#] {
      try scratch.write(text, to: "in/\(item)_3B_metadata.json")
      let source = try SceneSource(path: scratch.file("in/\(item)_3B_AnalyticMS_SR.tif"))
      #expect(source.product?.sensors == ["planetscope-4b"])
      #expect(throws: RasterError.self) { try source.metadata?.delivery() }
      #expect(throws: RasterError.self) { try Scene(source, sensor: .planetScope8, bands: ["red"]) }
    }
  }
}
