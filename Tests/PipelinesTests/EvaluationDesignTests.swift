import Chips
import Foundation
import Testing

/// Splits, seeds, shares of the labels and candidates, each on scenes of 64 x 64 pixels.
@Suite("Designs of an evaluation", .startsCommand, .serialized)
struct EvaluationDesignTests {
  private func site(_ evaluation: String) throws -> StagesSite {
    let site = try StagesSite()
    for (index, name) in ["2021-05-01", "2022-05-01", "2023-05-01"].enumerated() {
      let ground = StagesSite.Ground(epsg: StagesSite.utm + index, layout: index + 1)
      try site.scene("\(name).tif", ground)
      // Four patches of 12 x 12 in the corners.
      try site.labels("\(name)-labels.tif", ground) { row, column in
        (4..<16).contains(row % 48) && (4..<16).contains(column % 48)
      }
    }
    let scenes = ["2021-05-01", "2022-05-01", "2023-05-01"].map {
      "{scene: \($0).tif, labels: \($0)-labels.tif}"
    }
    try site.pipeline(
      "design", data: "{target: [\(scenes.joined(separator: ", "))]}",
      stages: [
        "pretrain-load:",
        "fine-tune: {strategy: full, encoder-rate: 1, epochs: 2, batch: 4, validation: 0, learning-rate: 1e-3}",
        "evaluate: {\(evaluation)}",
      ])
    return site
  }

  private func report(_ evaluation: String) throws -> [String: Any] {
    let site = try site(evaluation)
    let run = try site.run("design.yaml", "--quiet", "--threads", "1")
    #expect(run.code == 0, "\(run.errors)")
    return try #require(
      try site.json("output/design/reports/evaluate/evaluation.json") as? [String: Any])
  }

  private func pixels(_ report: [String: Any], _ name: String) -> Int? {
    (report["models"] as? [[String: Any]])?.first { $0["name"] as? String == name }?["pixels"] as? Int
  }

  private static let patch = 12 * 12

  @Test(
    "Every labelled pixel is scored once, whatever the split",
    arguments: [
      ("split: k-fold, folds: 3, buffer: 4", 12), ("split: stratified, folds: 3, buffer: 4", 12),
      ("split: leave-one-region-out", 12), ("split: spatial-blocks, block: 32, folds: 2, buffer: 4", 12),
      ("split: forward-in-time", 8),
    ])
  func splits(split: String, patches: Int) throws {
    let report = try report(split + ", from-scratch: false")
    #expect(pixels(report, "fine-tuned") == patches * Self.patch)
  }

  @Test("Too few patches for the folds are an error that says so")
  func tooFew() throws {
    let site = try site("split: k-fold, folds: 40, buffer: 4")
    let run = try site.run("design.yaml", "--quiet", "--threads", "1")
    #expect(run.code == 65 && run.errors.contains("too few for 40 folds"), "\(run.errors)")
  }

  @Test("Seeds give means with intervals, shares of the labels and passes give curves")
  func seedsAndCurves() throws {
    let site = try site(
      "split: k-fold, folds: 2, buffer: 4, seeds: 2, fractions: [0.5], follow-passes: true")
    let run = try site.run("design.yaml", "--threads", "1")
    #expect(run.code == 0 && run.output.contains("means over 2 seeds"), "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: site.url("output/design/reports/evaluate").path)
    #expect(
      names.sorted() == [
        "artifact.json", "evaluation.json", "evaluation.txt", "labels.svg", "passes.svg",
      ])
    let report = try site.json("output/design/reports/evaluate/evaluation.json") as? [String: Any]
    let curve = report?["learning curve"] as? [[String: Any]]
    #expect(curve?.map { $0["share of the labels"] as? Double } == [0.5, 1])
    let model = (report?["models"] as? [[String: Any]])?.first { $0["name"] as? String == "from scratch" }
    let accuracy = (model?["over seeds"] as? [String: Any])?["OA"] as? [String: Any]
    #expect(accuracy?["interval"] is [Double] && accuracy?["deviation"] is Double)
    let picture = try String(
      contentsOf: site.url("output/design/reports/evaluate/labels.svg"), encoding: .utf8)
    #expect(picture.contains("fine-tuned") && picture.contains("<polyline"))
  }

  @Test("Candidates stand beside the recipe; the choice of the inner folds is scored on the outer ones")
  func candidates() throws {
    let recipe = "epochs: 1, batch: 4, learning-rate: 1e-3"
    let report = try report(
      "split: leave-one-region-out, nested: true, from-scratch: false, candidates: ["
        + "{name: probe, strategy: linear-probe, \(recipe)}, {name: updates, strategy: lora, rank: 2, \(recipe)}]"
    )
    let names = (report["models"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names == ["fine-tuned", "probe", "updates", "best by inner folds"])
    let choices = report["choices of the inner folds"] as? [String: Int]
    #expect(choices?.values.reduce(0, +) == 3)
  }

  @Test("An evaluation that is cut short goes on after the trials that were scored")
  func resumes() throws {
    let design = "split: k-fold, folds: 4, buffer: 4, from-scratch: false"
    let (whole, interrupted) = (try site(design), try site(design))
    #expect(try whole.run("design.yaml", "--quiet", "--threads", "1").code == 0)
    // Ended by the deadline of a signal: as soon as the first trial has been kept.
    let ended = try interrupted.run(
      "design.yaml", "--quiet", "--threads", "1",
      terminatedOnce: { interrupted.holds(suffix: "s0-f0-l0.json") })
    #expect(ended.code != 0)
    #expect(try interrupted.run("design.yaml", "--quiet", "--threads", "1").code == 0)
    let path = "output/design/reports/evaluate/evaluation.json"
    #expect(try Data(contentsOf: interrupted.url(path)) == Data(contentsOf: whole.url(path)))
    let left = try? FileManager.default.contentsOfDirectory(
      atPath: interrupted.url("output/design/cache/unfinished").path)
    #expect(left ?? [] == [])
  }

  @Test(
    "What does not go together is an error of the file",
    arguments: [
      ("nested: true", "'nested' chooses among 'candidates'"),
      ("split: k-fold, candidates: [{name: a}, {name: a}]", "2 candidates are called 'a'"),
      (
        "split: k-fold, candidates: [{name: a, freeze: [cellar]}]",
        "candidate 'a': there is no stage 'cellar'"
      ),
      ("split: held-out", "a held-out split needs labelled scenes in data.test"),
    ])
  func mistakes(design: String, message: String) throws {
    let site = try site(design)
    let result = try site.command("validate", "design.yaml")
    #expect(result.code == 78 && result.errors.contains(message), "\(result.errors)")
  }
}
