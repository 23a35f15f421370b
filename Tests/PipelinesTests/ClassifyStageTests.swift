import Checkpoints
import Foundation
import Models
import Rasters
import Testing

@Suite("Classifiers of features as a stage", .startsCommand, .serialized)
struct ClassifyStageTests {
  /// A scene whose first rows are labelled, and the truth of the others.
  private func site() throws -> StagesSite {
    let (site, ground) = (try StagesSite(), StagesSite.Ground(waterEvery: 2))
    try site.scene("scene.tif", ground)
    try site.labels("few.tif", ground) { row, _ in row < 24 }
    try site.labels("truth.tif", ground) { row, _ in row >= 32 }
    return site
  }

  /// The accuracy of each model in a report.
  private func scores(_ site: StagesSite, _ report: String) throws -> [String: Double] {
    let evaluation = try site.json("output/chain/reports/\(report)/evaluation.json") as? [String: Any]
    return Dictionary(
      (evaluation?["models"] as? [[String: Any]] ?? []).map {
        ($0["name"] as? String ?? "", $0["OA"] as? Double ?? -1)
      }, uniquingKeysWith: { first, _ in first })
  }

  private let data =
    "{target: [{scene: scene.tif, labels: few.tif}], test: [{scene: scene.tif, labels: truth.tif}], scenes: scene.tif}"

  @Test(
    "Every learner begins a chain, maps the scene and is scored on labels that it has not seen",
    arguments: ["random-forest", "extra-trees", "softmax", "lda", "prototypes"])
  func chain(learner: String) throws {
    let site = try site()
    try site.pipeline(
      "chain", data: data,
      stages: [
        "classify: {learner: \(learner), features: {context: [3]}}", "evaluate: {split: held-out}",
        "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0}",
        "inference: {window: 32, overlap: 8}", "geotiff:",
      ])
    let first = try site.run("chain.yaml", "--threads", "2")
    try #require(first.code == 0, "\(first.errors)")
    for report in ["evaluate", "evaluate#2"] {
      let score = try #require(try scores(site, report)[learner])
      #expect(score > 0.95, "\(report)")
    }
    let model = try Model(contentsOf: site.url("output/chain/models/latest/model.safetensors").path)
    #expect(model.card.learner?.name == learner && model.card.hasTrainedHead)
    let products = try site.contents("output/chain/products")
    #expect(!products.isEmpty)
    #expect(try site.run("chain.yaml", "--threads", "2").code == 0)
    #expect(try site.statuses("chain").allSatisfy { $0.hasSuffix(": up-to-date") })
  }

  @Test("Maps of a network's encoder are features, and its own model is scored beside")
  func layers() throws {
    let site = try site()
    try site.weights("weights.safetensors")
    try site.pipeline(
      "chain", data: data,
      stages: [
        "pretrain-load: {weights: weights.safetensors}",
        "classify: {features: {layers: [encoder.layer1]}, forest: {trees: 20}}",
        "evaluate: {split: held-out}", "inference: {window: 32, overlap: 8}",
      ])
    let run = try site.run("chain.yaml", "--threads", "2")
    try #require(run.code == 0, "\(run.errors)")
    let scores = try scores(site, "evaluate")
    #expect(Set(scores.keys) == ["source only", "random-forest"])
    #expect(scores["random-forest"]! > 0.9)
  }

  @Test("The same file gives the same bytes on one thread and on two")
  func threads() throws {
    let site = try site()
    func model(_ threads: Int) throws -> Data {
      try site.pipeline("threads\(threads)", data: data, stages: ["classify: {forest: {trees: 20}}"])
      let run = try site.run("threads\(threads).yaml", "--threads", "\(threads)")
      try #require(run.code == 0, "\(run.errors)")
      return try Data(contentsOf: site.url("output/threads\(threads)/models/latest/model.safetensors"))
    }
    #expect(try model(1) == model(2))
  }

  @Test("A dry run forecasts the memory of a map")
  func forecast() throws {
    let site = try site()
    try site.pipeline("chain", data: data, stages: ["classify:", "inference: {window: 32, overlap: 8}"])
    let said = try site.run("chain.yaml", "--dry-run")
    #expect(said.code == 0 && said.output.contains(/in at most \d+ MiB/), "\(said.output)\(said.errors)")
  }

  @Test(
    "Mistakes of the file are named",
    arguments: [
      ("classify: {learner: forest}", "random-forest"),
      ("classify: {learner: lda, forest: {trees: 5}}", "'forest' does not count for 'learner: lda'"),
      ("classify: {learner: lda, balance: true}", "lda knows no balance of classes"),
      ("classify: {features: {context: [4]}}", "their sides are odd"),
      ("classify: {features: {bands: false, context: []}}", "without 'bands' there are no features"),
      ("classify: {features: {indices: [B08/B04]}}", "there is no band 'B04' for 'indices'"),
      ("classify: {features: {layers: [layer1]}}", "put pretrain-load before classify"),
      ("classify: {data: source}", "learns from the labels of data.source; there are none"),
    ])
  func mistakes(stage: String, words: String) throws {
    let site = try site()
    try site.pipeline("chain", data: data, stages: [stage])
    let run = try site.run("chain.yaml")
    #expect(run.code == 78 && run.errors.contains(words), "\(run.errors)")
  }

  @Test(
    "Nothing trains a classifier of features by gradients",
    arguments: ["fine-tune:", "domain-adaptation: {method: adabn}"])
  func trainedAfterwards(stage: String) throws {
    let site = try site()
    try site.weights("weights.safetensors")
    try site.pipeline(
      "chain", data: data,
      stages: ["pretrain-load: {weights: weights.safetensors}", "classify: {learner: lda}", stage])
    let run = try site.run("chain.yaml")
    #expect(
      run.code == 78 && run.errors.contains("'classify' leaves a classifier of features"), "\(run.errors)")
  }

  @Test("A layer that the encoder has not is refused, with those that it has")
  func unknownLayer() throws {
    let site = try site()
    try site.weights("weights.safetensors")
    try site.pipeline(
      "chain", data: data,
      stages: [
        "pretrain-load: {weights: weights.safetensors}", "classify: {features: {layers: [layer9]}}",
      ])
    let run = try site.run("chain.yaml")
    #expect(
      run.code != 0 && run.errors.contains("no map 'layer9' of the encoder")
        && run.errors.contains("layer1"), "\(run.errors)")
  }
}
