import Foundation
import Rasters
import Testing

extension EndToEnd {
  /// The example pipelines over delivered products, run on small products of the same form.
  @Suite("Example pipelines over products", .serialized)
  struct DeliveryPipelineTests {
    private func run(_ name: String, _ settings: [String], in site: Workplace) throws
      -> TerraneCommand.CommandExit
    {
      let file = SmallScene.package.appendingPathComponent("pipelines/\(name).yaml").path
      let overrides = (["settle=0s"] + settings).flatMap { ["--set", $0] }
      return try TerraneCommand.start(
        ["run", file, "--scenes", site.scenes.path, "--output", site.path(name)] + overrides
      ).end()
    }

    private func values(_ path: String) throws -> [UInt8] {
      let file = try RasterFile(path: path)
      return try file.readValues(file.grid.bounds, band: 1)
    }

    @Test("nightly-sentinel-2: products by days, one too cloudy, one of another level; clouds have no class")
    func nightly() throws {
      let site = try Workplace()
      let model = try TrainedModel.weights()
      let day = site.scenes.appendingPathComponent("2023-09-02")
      let name = try DeliveredProduct.sentinel2(in: day)
      try DeliveredProduct.sentinel2(in: site.scenes, day: "20230907", cloudShare: 95)
      let landsat = try DeliveredProduct.landsat8(in: site.scenes, day: "20230903")
      try site.write("scenes/readme.txt", "delivered by courier")
      let settings = ["pretrain-load.weights='\(model)'", "inference.window=64", "inference.overlap=16"]
      let ending = try run("nightly-sentinel-2", settings, in: site)
      #expect(ending.code == 0, "\(ending.output) \(ending.errors)")
      let products = "nightly-sentinel-2/products"
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: site.path(products))
          .filter { !$0.hasSuffix(".json") } == [name])
      let said = ending.output + ending.errors
      #expect(said.contains("4 entries: 1 scene") && said.contains("1 of another sensor"), "\(said)")
      #expect(said.contains("1 too cloudy") && said.contains("readme.txt"), "\(said)")
      let summary = try String(
        contentsOfFile: site.path("nightly-sentinel-2/runs/latest/summary.json"), encoding: .utf8)
      #expect(summary.contains(landsat) && summary.contains("95 % cloud"))
      // The cloud, 12 x 12 pixels of 20 m in the corner, and 60 m around it.
      let map = try values(site.path("\(products)/\(name)/landcover.tif"))
      let observed = try values(site.path("\(products)/\(name)/observed.tif"))
      let hidden = (0..<96 * 96).filter { observed[$0] == 2 }
      #expect(hidden.contains(95) && hidden.contains(72) && hidden.contains(29 * 96 + 95))
      #expect(!hidden.contains(31 * 96 + 95) && !hidden.contains(64))
      #expect(hidden.allSatisfy { map[$0] == 0 } && hidden.count >= 24 * 24 && hidden.count < 31 * 31)
      #expect(try run("nightly-sentinel-2", settings, in: site).output.contains("up to date"))
    }

    @Test("landsat-series: months without clouds, compared with the ones before them")
    func series() throws {
      let site = try Workplace()
      for (day, brightness) in [("20230602", 1.0), ("20230618", 1.0), ("20230704", 2.0), ("20230720", 2.0)] {
        try DeliveredProduct.landsat8(in: site.scenes, day: day, brightness: brightness)
      }
      let ending = try run("landsat-series", [], in: site)
      #expect(ending.code == 0, "\(ending.output) \(ending.errors)")
      let change = try values(
        site.path("landsat-series/products/193026_2023-06--193026_2023-07/change.tif"))
      let changed = change.indices.filter { change[$0] == 1 }
      let field = changed.filter { (60..<84).contains($0 / 96) && (20..<44).contains($0 % 96) }
      #expect(field.count > 500 && changed.count - field.count < 50, "\(field.count) of \(changed.count)")
      // The corner that clouds hide on all dates.
      #expect(change[95] == 255)
    }
  }
}
