import Chips
import Foundation
import Testing

/// What `evaluate` reports beside the map that `inference` writes of the same scene.
@Suite("What is scored is what is mapped", .startsCommand, .serialized)
struct MappingRecipeTests {
  private static let ground = StagesSite.Ground(width: 150, height: 110, border: 5)

  private func site() throws -> StagesSite {
    let site = try StagesSite()
    try site.scene("scene.tif", Self.ground)
    try site.weights("weights.safetensors")
    return site
  }

  private func run(_ site: StagesSite, _ stages: [String], data: String) throws -> [String: Any] {
    try site.pipeline(
      "scored", data: data,
      stages: ["pretrain-load: {architecture: unet, weights: weights.safetensors}"] + stages)
    let run = try site.run("scored.yaml", "--quiet")
    try #require(run.code == 0, "\(run.errors)")
    let report = try #require(
      try site.json("output/scored/reports/evaluate/evaluation.json") as? [String: Any])
    return try #require((report["models"] as? [[String: Any]])?.first)
  }

  /// Labelled pixels by label and mapped value, those that are mapped.
  private func confusion(_ site: StagesSite, where isLabelled: (Int, Int) -> Bool) throws -> [[Int]] {
    var counts = [[0, 0], [0, 0]]
    for (place, value) in try site.pixels("output/scored/products/scene/landcover.tif").enumerated() {
      let (row, column) = (place / Self.ground.width, place % Self.ground.width)
      guard value != 0 && isLabelled(row, column) else { continue }
      counts[Self.ground.kind(row, column)][Int(value) - 1] += 1
    }
    return counts
  }

  private let evaluate = "evaluate: {split: held-out, from-scratch: false}"
  private let data =
    "{test: [{scene: scene.tif, labels: labels.tif}], scenes: scene.tif}"

  static let recipes = [
    "{}", "{window: 32, overlap: 0}", "{window: 64, overlap: 16, blend: linear}",
    "{window: 64, overlap: 160m}",
    "{window: 64, overlap: 20, test-time-augmentation: true}",
  ]

  @Test("to the last pixel, with labels everywhere and in a corner", arguments: recipes, [false, true])
  func same(recipe: String, isCorner: Bool) throws {
    let site = try site()
    let isLabelled = { (row: Int, column: Int) in
      !isCorner || (70..<104).contains(row) && (81..<131).contains(column) && (row + column) % 3 > 0
    }
    try site.labels("labels.tif", Self.ground, where: isLabelled)
    let scores = try run(site, [evaluate, "inference: \(recipe)", "geotiff"], data: data)
    let counts = try confusion(site, where: isLabelled)
    #expect(scores["confusion (rows reference, columns map)"] as? [[Int]] == counts)
    #expect(counts.joined().reduce(0, +) > 1000)
    // Areas are those of the labels' bounding box, of which border pixels are not mapped: 34 x 50 pixels of
    // 100 square metres.
    let areas = try #require(scores["area"] as? [String: [String: Any]])
    let mapped = areas.values.compactMap { $0["mapped"] as? Double }.reduce(0, +)
    #expect(abs(mapped - (isCorner ? 17 : 159.5)) < 1e-9)
  }

  @Test("wherever the stages stand, and by the defaults of inference where there is none")
  func order() throws {
    let site = try site()
    try site.labels("labels.tif", Self.ground)
    let recipe = "inference: {window: 32, overlap: 0}"
    func confusion(_ stages: [String]) throws -> [[Int]]? {
      try run(site, stages, data: data)["confusion (rows reference, columns map)"] as? [[Int]]
    }
    let before = try confusion([evaluate, recipe, "geotiff"])
    #expect(try confusion([recipe, "geotiff", evaluate]) == before)
    let standard = try confusion([evaluate, "inference: {window: 512, overlap: 64, blend: hann}"])
    #expect(standard != before)
    #expect(try confusion([evaluate]) == standard)
    #expect(try confusion(["inference", evaluate, recipe]) == before)
  }

  @Test("in every split, and a changed recipe makes the report stale")
  func folds() throws {
    let site = try site()
    try site.labels("labels.tif", Self.ground) { row, column in row % 40 < 20 && column % 50 < 25 }
    let folds = "evaluate: {split: k-fold, folds: 2, buffer: 0, from-scratch: false}"
    let still =
      "fine-tune: {strategy: full, epochs: 1, learning-rate: 1e-9, batch-norm: frozen, validation: 0, batch: 1}"
    let data = "{target: [{scene: scene.tif, labels: labels.tif}], scenes: scene.tif}"
    let first = try run(site, [still, folds, "inference: {window: 64, overlap: 16}", "geotiff"], data: data)
    // The head alone has changed, by nothing that can be seen.
    let counts = try confusion(site) { row, column in row % 40 < 20 && column % 50 < 25 }
    let found = try #require(first["confusion (rows reference, columns map)"] as? [[Int]])
    for (row, expected) in zip(found, counts) {
      for (count, expected) in zip(row, expected) { #expect(abs(count - expected) <= 4) }
    }
    _ = try run(site, [still, folds, "inference: {window: 32, overlap: 0}", "geotiff"], data: data)
    #expect(try site.statuses("scored").contains("evaluate:evaluate: done"))
  }

  @Test("and a class that is mapped but never true counts with 0, and is named")
  func falseClass() throws {
    let site = try site()
    // Water alone is labelled; the untrained weights map both.
    try site.labels("labels.tif", Self.ground) { row, column in Self.ground.kind(row, column) == 0 }
    let scores = try run(site, [evaluate, "inference", "geotiff"], data: data)
    let counts = try confusion(site) { row, column in Self.ground.kind(row, column) == 0 }
    let water = Double(counts[0][0]) / Double(counts[0][0] + counts[0][1])
    try #require(counts[0][1] > 0)
    #expect(abs((scores["mIoU"] as? Double ?? -1) - water / 2) < 1e-12)
    #expect(scores["mapped, not in the labels"] as? [String] == ["trees & <shrubs>"])
    let text = try String(
      contentsOf: site.url("output/scored/reports/evaluate/evaluation.txt"), encoding: .utf8)
    #expect(text.contains("; 'trees & <shrubs>', which no label has, with 0 where it is mapped"))
  }
}
