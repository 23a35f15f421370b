import Foundation
import Rasters
import Testing

extension EndToEnd {
  /// The pipeline files that come with the package, with fewer passes, in the order in which their heads name
  /// them.
  @Suite("The example pipelines", .serialized)
  struct ExamplePipelineTests {
    private static let maps = ["landcover.tif", "confidence.tif", "preview.png", "item.json"]

    @Test("pretrain, landcover, change and nightly run one after the other, each with its products")
    func chain() throws {
      let site = try Workplace()
      try run("pretrain", ["fine-tune.epochs=1", "chips.stride=64"], in: site)
      #expect(site.exists("pretrain/models/latest/model.safetensors"))
      #expect(!site.exists("pretrain/products"))

      let landcover = try run(
        "landcover",
        [
          "pretrain-load.weights='\(site.path("pretrain/models/latest/model.safetensors"))'",
          "domain-adaptation.epochs=1", "fine-tune.epochs=1", "fine-tune.head-epochs=0", "chips.stride=64",
        ], in: site)
      try requireTable(landcover.output, in: site)
      requireProducts("landcover", ["s2_2023-09-02": Self.maps + ["landcover.qml"]], in: site)

      let weights = "pretrain-load.weights='\(site.path("landcover/models/latest/model.safetensors"))'"
      try run("change", [weights], in: site)
      requireProducts(
        "change",
        ["s2_2023-09-02--s2_2024-09-06": ["change.tif", "from-to.tif", "preview.png", "item.json"]],
        in: site)
      try requireChangeMask(in: site)

      try run("nightly", [weights], in: site)
      requireProducts("nightly", ["s2_2023-09-02": Self.maps, "s2_2024-09-06": Self.maps], in: site)
    }

    @Test("new-region: on a day of haze the model of June collapses, what is chosen without labels does not")
    func newRegion() throws {
      let site = try Workplace()
      try run("pretrain", ["fine-tune.epochs=8"], in: site)
      let ending = try run(
        "new-region",
        [
          "pretrain-load.weights='\(site.path("pretrain/models/latest/model.safetensors"))'",
          "domain-adaptation.candidates=[{name: statistics, method: adabn}, {name: alignment, method: coral, epochs: 1}]",
        ], in: site)
      #expect(ending.output.contains("chose '"), "\(ending.output)")
      let before = try figures("source only", in: ending.output)
      let after = try figures("adapted (chosen)", in: ending.output)
      #expect(before[2] < 0.3 && after[2] > before[2] + 0.2, "\(ending.output)")
      requireProducts("new-region", ["s2_2023-05-12": Self.maps + ["landcover.qml"]], in: site)
    }

    @Test("cross-sensor: learned on Sentinel-2, a map of Landsat's pixels")
    func crossSensor() throws {
      let site = try Workplace()
      let ending = try run(
        "cross-sensor",
        ["fine-tune.epochs=2", "chips.stride=48", "domain-adaptation.epochs=1"], in: site)
      let summary = try String(
        contentsOfFile: site.path("cross-sensor/runs/latest/summary.json"), encoding: .utf8)
      #expect(
        summary.contains("brought to pixels of 30 m") && summary.contains("B08 (842 nm) for B5 (865 nm)"))
      _ = try figures("adapted (mean-teacher)", in: ending.output)
      requireProducts("cross-sensor", ["l8_2023-08-27": Self.maps + ["landcover.qml"]], in: site)
      let map = try RasterFile(path: site.path("cross-sensor/products/l8_2023-08-27/landcover.tif"))
      let scene = try RasterFile(path: SmallScene.sample("region-b/landsat/l8_2023-08-27.tif"))
      #expect(map.grid.isSame(as: scene.grid))
    }

    @Test("sar-change finds what changed between two radar scenes, without a model")
    func radarChange() throws {
      let site = try Workplace()
      try run("sar-change", [], in: site)
      let pair = "s1_2023-09-03--s1_2024-09-07"
      requireProducts(
        "sar-change", [pair: ["change.tif", "magnitude.tif", "change.qml", "preview.png", "item.json"]],
        in: site)
      func values(_ path: String) throws -> [UInt8] {
        let file = try RasterFile(path: path)
        return try file.readValues(file.grid.bounds, band: 1)
      }
      let mask = try values(site.path("sar-change/products/\(pair)/change.tif"))
      // Before, after and change, side by side, with titles above and the legend below.
      let picture = try RasterFile(path: site.path("sar-change/products/\(pair)/preview.png"))
      #expect(picture.grid.width == 3 * 384 + 16 + 24 && picture.grid.height > 384 + 36)
      let truth = try values(SmallScene.sample("region-b/truth_change.tif"))
      let classes = try values(SmallScene.sample("region-b/truth_2023.tif"))
      // Fields grow another crop each year, which is no change of the land but one of backscatter.
      let cropland: UInt8 = 3
      let changed = mask.indices.filter { truth[$0] == 2 && mask[$0] != 255 }
      let unchanged = mask.indices.filter { truth[$0] == 1 && classes[$0] != cropland && mask[$0] != 255 }
      let hits = Double(changed.count { mask[$0] == 1 }) / Double(changed.count)
      let alarms = Double(unchanged.count { mask[$0] == 1 }) / Double(unchanged.count)
      #expect(hits > 0.7 && alarms < 0.03, "\(hits) of the change, \(alarms) of what stayed")
    }

    @Test("damage: levels of buildings from two dates, scored in the other half of the town")
    func damage() throws {
      let site = try Workplace()
      let ending = try run(
        "damage", ["fine-tune.epochs=4", "chips.stride=96"], in: site)
      #expect(ending.output.contains("w. kappa") && ending.output.contains("IoU destroyed"))
      let pair = "east_2024-03-02--east_2024-04-11"
      requireProducts(
        "damage", [pair: ["change.tif", "confidence.tif", "change.qml", "preview.png", "item.json"]], in: site
      )
      let map = try RasterFile(path: site.path("damage/products/\(pair)/change.tif"))
      let values: [UInt8] = try map.readValues(map.grid.bounds, band: 1)
      #expect(Set(values).isSubset(of: 1...5) && Set(values).count > 1)
      let picture = try RasterFile(path: site.path("damage/products/\(pair)/preview.png"))
      #expect(picture.grid.width == 3 * 320 + 16 + 24 && picture.grid.height > 320 + 36)
    }

    @Test("scenes: a class for each chip, as a table, as outlines and as a coarse map")
    func scenes() throws {
      let site = try Workplace()
      let ending = try run("scenes", ["fine-tune.epochs=8"], in: site)
      let figures = try figures("adapted (adabn)", in: ending.output)
      #expect(figures[0] > 0.7, "\(ending.output)")
      #expect(ending.output.contains("top 3") && ending.output.contains("F1 forest"))
      let products = "scenes/products/s2_2023-09-02"
      requireProducts(
        "scenes",
        ["s2_2023-09-02": Self.maps + ["chips.csv", "chip-outlines.gpkg", "chip-outlines.qml"]], in: site)
      let map = try RasterFile(path: site.path("\(products)/landcover.tif"))
      let scene = try RasterFile(path: SmallScene.sample("region-b/optical/s2_2023-09-02.tif"))
      #expect(map.grid.width == 6 && map.grid.height == 6)
      #expect(map.grid.transform?.originX == scene.grid.transform?.originX)
      #expect(map.grid.transform?.columnX == scene.grid.transform.map { 64 * $0.columnX })
      let values: [UInt8] = try map.readValues(map.grid.bounds, band: 1)
      let rows = try String(contentsOfFile: site.path("\(products)/chips.csv"), encoding: .utf8)
        .split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
      #expect(rows[0] == ["row", "column", "left", "top", "width", "height", "class", "value", "confidence"])
      #expect(rows.count == 1 + values.count { $0 != 0 })
      for row in rows.dropFirst() {
        let (line, column, value) = (Int(row[0])!, Int(row[1])!, UInt8(row[7])!)
        #expect(values[line * 6 + column] == value && Int(row[2])! == 64 * column)
      }
    }

    @Test("scenes with several labels an image: a probability for each class")
    func severalLabels() throws {
      let site = try Workplace()
      let ending = try run(
        "scenes", ["task=multi-label-classification", "fine-tune.epochs=8"], in: site)
      #expect(ending.output.contains("mAP") && ending.output.contains("AP forest"))
      let figures = try figures("adapted (adabn)", in: ending.output)
      #expect(figures[0] > 0.7, "\(ending.output)")
      let rows = try String(
        contentsOfFile: site.path("scenes/products/s2_2023-09-02/chips.csv"), encoding: .utf8
      ).split(whereSeparator: \.isNewline).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      #expect(rows[0].suffix(5) == ["classes", "water", "forest", "cropland", "built-up"])
      for row in rows.dropFirst() {
        let shares = row.suffix(4).map { Double($0)! }
        let shown = zip(rows[0].suffix(4), shares).filter { $1 >= 0.5 }.map(\.0)
        #expect(row[6] == shown.joined(separator: ";") && shares.allSatisfy { (0...1).contains($0) })
      }
    }

    @discardableResult
    private func run(_ name: String, _ settings: [String], in site: Workplace) throws
      -> TerraneCommand.CommandExit
    {
      let file = SmallScene.package.appendingPathComponent("pipelines/\(name).yaml").path
      let overrides = settings.flatMap { ["--set", $0] }
      let arguments = ["run", file, "--output", site.path(name)] + overrides
      let ending = try TerraneCommand.start(arguments).end()
      try #require(ending.code == 0, "\(name): \(ending.errors)")
      #expect(!ending.errors.contains("terrane:"))
      return ending
    }

    private func requireProducts(_ pipeline: String, _ products: [String: [String]], in site: Workplace) {
      for (name, files) in products {
        for file in files {
          #expect(site.exists("\(pipeline)/products/\(name)/\(file)"), "\(pipeline) \(name) \(file)")
        }
      }
    }

    /// Four rows in this order, each with figures between 0 and 1, on the screen and in the report.
    private func requireTable(_ output: String, in site: Workplace) throws {
      let rows = ["source only", "adapted (coral)", "fine-tuned", "from scratch"]
      let lines = output.split(separator: "\n").map(String.init)
      let places = rows.map { row in lines.firstIndex { $0.hasPrefix(row + " ") } }
      #expect(
        !places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(output)")
      for place in places.compactMap(\.self) {
        let figures = lines[place].split(separator: " ").compactMap { Double($0) }
        #expect(
          figures.count >= 2 && figures.prefix(2).allSatisfy { (0...1).contains($0) }, "\(lines[place])")
      }
      let reports = Workplace.files(below: site.directory.appendingPathComponent("landcover/reports"))
      #expect(
        reports.contains { $0.hasSuffix(".txt") } && reports.contains { $0.hasSuffix(".json") }, "\(reports)")
    }

    /// The figures of a row of the table: overall accuracy, kappa, mean IoU, ...
    private func figures(_ row: String, in output: String) throws -> [Double] {
      let line = try #require(
        output.split(separator: "\n").first { $0.hasPrefix(row + " ") }, "\(row) in \(output)")
      let figures = line.dropFirst(row.count).split(separator: " ").compactMap { Double($0) }
      try #require(figures.count >= 3, "\(line)")
      return figures
    }

    /// The mask holds its three values only, and pixels that one date does not show are not "no change".
    private func requireChangeMask(in site: Workplace) throws {
      let mask = try RasterFile(path: site.path("change/products/s2_2023-09-02--s2_2024-09-06/change.tif"))
      let values: [UInt8] = try mask.readValues(mask.grid.bounds, band: 1)
      #expect(Set(values).isSubset(of: [0, 1, 255]))
      let truth = try RasterFile(path: SmallScene.sample("region-b/truth_change.tif"))
      let reference: [UInt8] = try truth.readValues(truth.grid.bounds, band: 1)
      let (unseen, both) = (values.count { $0 == 255 }, reference.count { $0 == 0 })
      #expect(unseen > 0 && unseen <= both, "\(unseen) of \(both)")
    }
  }
}
