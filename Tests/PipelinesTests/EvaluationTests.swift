import Chips
import Foundation
import Rasters
import Testing

/// Spatial blocks on labels that can be learned by heart but not understood.
@Suite("Evaluation", .startsCommand, .serialized)
struct EvaluationTests {
  /// 16 blocks of 16 pixels, each of a colour of its own; their classes follow no rule.
  private func puzzle(_ site: StagesSite, scene name: String, labels: String) throws {
    let classes: [UInt8] = [1, 2, 2, 1, 2, 1, 1, 2, 1, 2, 1, 2, 2, 1, 2, 1]
    let ground = StagesSite.Ground()
    let blocks = (0..<64 * 64).map { (row: $0 / 64 / 16, column: $0 % 64 / 16) }
    let scene = try RasterWriter(
      path: site.url(name).path, grid: ground.grid,
      options: .init(type: .uint16, bandNames: StagesSite.bands, noData: 0))
    try scene.write(ground.grid.bounds, band: 1, blocks.map { UInt16(500 + 800 * $0.row) })
    try scene.write(ground.grid.bounds, band: 2, blocks.map { UInt16(500 + 800 * $0.column) })
    try scene.close()
    let raster = try RasterWriter(
      path: site.url(labels).path, grid: ground.grid,
      options: .init(type: .byte, bandNames: ["class"], noData: 0))
    try raster.write(ground.grid.bounds, blocks.map { classes[$0.row * 4 + $0.column] })
    try raster.close()
  }

  private let training = "strategy: full, validation: 0, batch: 4, encoder-rate: 1"
  private let evaluation = [
    "evaluate: {split: held-out, from-scratch: false}",
    "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0, from-scratch: false}",
  ]

  private func byHeart(_ domain: String) -> String {
    "fine-tune: {data: \(domain), \(training), epochs: 100, learning-rate: 3e-3, augmentation: {gain: 0, offset: 0}}"
  }

  private func still(_ domain: String) -> String {
    "fine-tune: {data: \(domain), \(training), epochs: 1, learning-rate: 1e-9}"
  }

  /// The accuracies of a report's models, by name.
  private func accuracies(_ site: StagesSite, _ report: String) throws -> [String: Double] {
    let json = try site.json("output/leak/reports/\(report)/evaluation.json") as? [String: Any]
    let models = json?["models"] as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: models.map { ($0["name"] as? String ?? "", $0["OA"] as? Double ?? -1) })
  }

  /// Runs the chain; every model knows the labels by heart, and none of those that the folds train may.
  private func expectNoLeak(_ site: StagesSite, data: String, stages: [String], names: [String]) throws {
    try site.pipeline("leak", data: data, stages: ["pretrain-load:"] + stages + evaluation)
    let run = try site.run("leak.yaml", "--quiet", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let (seen, held) = (try accuracies(site, "evaluate"), try accuracies(site, "evaluate#2"))
    #expect(seen.keys.sorted() == names && held.keys.sorted() == names)
    for name in names {
      // A leak would make both alike.
      #expect(seen[name]! > 0.75 && seen[name]! - held[name]! > 0.15, "\(name): \(seen), held out \(held)")
    }
  }

  @Test("No stage of the chain has seen a block that is held out, whatever it learned before")
  func earlierStage() throws {
    let site = try StagesSite()
    try puzzle(site, scene: "scene.tif", labels: "labels.tif")
    let scene = "{scene: scene.tif, labels: labels.tif}"
    try expectNoLeak(
      site, data: "{source: [\(scene)], test: [\(scene)]}", stages: [byHeart("source"), still("source")],
      names: ["source only", "source only (2)"])
  }

  @Test("Labels of another date of a held-out block are held out with it")
  func anotherDate() throws {
    let site = try StagesSite()
    try puzzle(site, scene: "2023.tif", labels: "labels-2023.tif")
    try puzzle(site, scene: "2024.tif", labels: "labels-2024.tif")
    let target = "{scene: 2024.tif, labels: labels-2024.tif}"
    try expectNoLeak(
      site,
      data: "{source: [{scene: 2023.tif, labels: labels-2023.tif}], target: [\(target)], test: [\(target)]}",
      stages: [byHeart("source"), still("both")], names: ["source and target", "source only"])
  }
}
