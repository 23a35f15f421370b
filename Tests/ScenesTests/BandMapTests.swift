import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Maps of a band's values")
struct BandMapTests {
  @Test("one line: slope and offset, or through a point")
  func line() {
    #expect(BandMap(slope: 2, offset: -1)(3) == 5)
    #expect(BandMap(slope: 0.5, through: (4, 10))(6) == 11)
  }

  @Test("between knots a line, on them their output, beyond them a shift")
  func knots() {
    let map = BandMap(inputs: [1, 2, 4], outputs: [10, 20, 22])
    for (value, wanted) in [(1, 10), (2, 20), (4, 22), (1.5, 15), (3, 21), (0, 9), (6, 24)]
      as [(Float, Float)]
    {
      #expect(map(value) == wanted)
    }
  }

  @Test("knots of one input count as their mean; no order of values is turned", arguments: 1...5)
  func ties(seed: Int) {
    #expect(BandMap(inputs: [1, 1, 1, 2], outputs: [0, 3, 6, 7])(1) == 3)
    var numbers = SeededNumbers(seed: seed)
    let knots = (0..<40).map { _ in Double(Int.random(in: 0..<30, using: &numbers)) }
    let outputs = (0..<40).map { _ in Double.random(in: 0..<1, using: &numbers) }
    let map = BandMap(inputs: knots.sorted(), outputs: outputs.sorted())
    let values = stride(from: Float(-3), through: 33, by: 0.05).map { map($0) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("Sentinel-2 to Landsat by HLS's table, and back")
  func bandpass() throws {
    let forth = try #require(BandpassTable.map(of: "B02", from: .msi, satellite: .sentinel2A))
    let back = try #require(BandpassTable.map(of: "B2", from: .oli, satellite: .sentinel2A))
    #expect(abs(forth(0.5) - (0.9778 * 0.5 - 0.004)) < 1e-7)
    for instrument in [BandpassTable.Instrument.msi, .oli] {
      #expect(BandpassTable.bands(of: instrument).count == 7)
    }
    for value in [0.01, 0.2, 0.9] as [Float] { #expect(abs(back(forth(value)) - value) < 1e-6) }
    let second = try #require(BandpassTable.map(of: "B12", from: .msi, satellite: .sentinel2B))
    #expect(abs(second(0.3) - (0.9867 * 0.3 + 0.0004)) < 1e-7)
    #expect(BandpassTable.map(of: "B08", from: .msi, satellite: .sentinel2A) == nil)
    #expect(BandpassTable.Instrument(.sentinel2L1C) == .msi && BandpassTable.Instrument(.landsat8L2) == .oli)
    #expect(BandpassTable.Instrument(.landsat7) == nil)
    #expect(BandpassTable.Satellite(inName: "S2B_MSIL2A_20200101") == .sentinel2B)
    #expect(BandpassTable.Satellite(inName: "T32TQM_s2a_x") == .sentinel2A)
    #expect(BandpassTable.Satellite(inName: "scene") == nil)
  }
}

@Suite("Samples of scenes")
struct SceneSampleTests {
  private let scratch = Scratch()

  private func scene(_ width: Int, _ height: Int, isValid: (Int) -> Bool = { _ in true }) throws -> Scene {
    let values = (0..<width * height).map { isValid($0) ? Float($0) : .nan }
    let path = try scratch.raster(
      "\(width)x\(height).tif", grid: utmGrid(width, height), bands: [values],
      options: .init(type: .float32, bandNames: ["a"]))
    return try Scene(SceneSource(path: path), sensor: .custom(bands: ["a"]), bands: ["a"])
  }

  @Test("a small scene is taken whole, a large one evenly and within the limit, the same each time")
  func evenness() throws {
    #expect(try SceneSample(scene(50, 40)).bands[0] == (0..<2000).map(Float.init))
    let (width, height) = (700, 300)
    let large = try scene(width, height)
    let sample = try SceneSample(large, limit: 20_000).bands[0]
    #expect(try SceneSample(large, limit: 20_000).bands[0] == sample)
    #expect(sample.count <= 20_000 && sample.count > 10_000 && Set(sample).count == sample.count)
    for (low, high) in [(0, 233), (233, 466), (466, 700)] {
      let share = sample.count { (low..<high).contains(Int($0) % width) }
      #expect(abs(Double(share) / Double(sample.count) - 1.0 / 3) < 0.1)
    }
  }

  @Test("a scene with data in a corner is looked at until they are found")
  func sparse() throws {
    let sparse = try scene(700, 300) { $0 % 700 > 690 && $0 / 700 > 280 && $0 / 700 < 290 }
    #expect(try SceneSample(sparse, limit: 8000).count > 0)
    #expect(try SceneSample(scene(100, 100) { _ in false }, limit: 2000).count == 0)
  }
}
