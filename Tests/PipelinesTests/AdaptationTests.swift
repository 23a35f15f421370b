import Chips
import Foundation
import Testing

/// Adaptations of a model that has learned the source: what is said of the domains, which is chosen, and what
/// drifts.
@Suite("Adapting to a target", .startsCommand, .serialized)
struct AdaptationTests {
  private let learned = [
    "pretrain-load:",
    "fine-tune: {data: source, strategy: full, encoder-rate: 1, epochs: 20, batch: 4, validation: 0, learning-rate: 2e-3}",
  ]
  private let mapping = ["inference: {window: 64, overlap: 8}", "geotiff:"]

  /// A source, a target of its classes in another light, and the truth of that.
  private func site(target: StagesSite.Ground, gain: Double) throws -> StagesSite {
    let site = try StagesSite()
    try site.scene("source.tif")
    try site.labels("source-labels.tif")
    try site.scene("target.tif", target, gain: gain)
    try site.labels("truth.tif", target)
    try site.scene("incoming/like.tif", .init(layout: 2))
    try site.scene("incoming/bright_2024-05-17.tif", .init(layout: 2), gain: 2)
    return site
  }

  private let data =
    "{source: [{scene: source.tif, labels: source-labels.tif}], unlabelled: [target.tif], "
    + "test: [{scene: target.tif, labels: truth.tif}], scenes: incoming}"

  private func task(_ site: StagesSite, _ subject: String, stage: String) throws -> [String: Any] {
    let summary = try site.json("output/adapt/runs/latest/summary.json") as? [String: Any]
    let stages = summary?["stages"] as? [[String: Any]] ?? []
    let tasks = stages.first { $0["stage"] as? String == stage }?["tasks"] as? [[String: Any]] ?? []
    return tasks.first { $0["subject"] as? String == subject } ?? [:]
  }

  private func number(_ value: Any?, _ path: String...) -> Double? {
    path.reduce(value) { ($0 as? [String: Any])?[$1] } as? Double
  }

  @Test("Domains are compared before and after; the best candidate goes on, a ruined one does not")
  func choice() throws {
    let site = try site(target: .init(layout: 2), gain: 2)
    let stage =
      "domain-adaptation: {candidates: [{name: statistics, method: adabn, batch: 4}, "
      + "{name: ruined, method: coral, epochs: 1, batch: 4, learning-rate: 1, encoder-rate: 1}, "
      + "{name: adjusted, method: standardise}, "
      + "{name: lost, method: coral, epochs: 100, batch: 4, learning-rate: 10, weight-decay: 1, schedule: constant}]}"
    try site.pipeline(
      "adapt", data: data, stages: learned + [stage, "evaluate: {split: held-out, from-scratch: false}"])
    let run = try site.run("adapt.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let adaptation = try task(site, "domain-adaptation", stage: "domain-adaptation")
    let findings = SummaryFindings(of: adaptation)
    let chosen = try #require(findings.text("chosen-adaptation"))
    #expect(chosen != "ruined" && findings.text("chosen-by") == "soft-neighbourhood-density")
    let candidates = findings.rows("candidates", by: "candidate")
    #expect(candidates.keys.sorted() == ["adjusted", "lost", "ruined", "statistics", "unadapted"])
    // One that diverges costs the others nothing; one that only adjusts scenes is scored like the others.
    #expect(
      (candidates["lost"]?["ruled-out"] as? String)?.hasPrefix("the loss is not finite at step ") == true)
    #expect(
      candidates["adjusted"]?["source-mean-iou"] is Double && candidates["adjusted"]?["ruled-out"] == nil)
    #expect(candidates["ruined"]?["ruled-out"] is String, "\(candidates)")
    let words = "domain-adaptation:domain-adaptation: chose '\(chosen)' by "
    #expect(run.output.contains("note: " + words))

    let shift = findings.rows("domain-shift", by: "time")
    for time in ["before", "after"] {
      let accuracy = try #require(number(shift[time], "domain-classifier-accuracy"))
      #expect((0...1).contains(accuracy) && number(shift[time], "squared-mmd") != nil)
    }
    let proportions = Dictionary(grouping: findings.rows("class-proportions")) { $0["of"] as? String ?? "" }
    #expect(
      proportions.keys.sorted() == [
        "source labels", "source map after", "source map before", "target map after", "target map before",
      ])
    #expect(
      proportions.values.allSatisfy { rows in
        abs(rows.compactMap { $0["share"] as? Double }.reduce(0, +) - 1) < 1e-9
      })
    let files = try site.contents("output/adapt/models")
    let picture = try #require(files.first { $0.key.hasSuffix("domain-shift.svg") }?.value)
    #expect(String(decoding: picture, as: UTF8.self).contains("features after the adaptation"))
    #expect(files.keys.contains { $0.hasSuffix("domain-shift.json") })
  }

  @Test(
    "A scene unlike what the model has learned from is warned of, one like it is not; the limit changes no map"
  )
  func drift() throws {
    let site = try site(target: .init(layout: 2), gain: 1)
    try site.pipeline("adapt", data: data, stages: learned + mapping)
    let run = try site.run("adapt.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let (like, bright) = (
      try task(site, "like", stage: "inference"), try task(site, "bright_2024-05-17", stage: "inference")
    )
    let (near, far) = (
      SummaryFindings(of: like).number("drift"), SummaryFindings(of: bright).number("drift")
    )
    #expect(
      try #require(near) < 0.3 && #require(far) > 0.6,
      "\(String(describing: near)) \(String(describing: far))")
    #expect((like["warnings"] as? [String])?.isEmpty == true)
    let warning = try #require((bright["warnings"] as? [String])?.first)
    #expect(warning.hasPrefix("the scene is far from what the model has learned from: B"))
    #expect(run.output.contains("note: inference:bright_2024-05-17: " + warning))
    let item = try site.json("output/adapt/products/bright_2024-05-17/item.json")
    #expect(number(item, "properties", "terrane:drift") == far)

    // The limit is no part of a map's key.
    let again = try site.run("adapt.yaml", "--threads", "1", "--set", "inference.drift-warning=9")
    #expect(again.code == 0)
    #expect(try site.statuses("adapt").allSatisfy { $0.hasSuffix(": up-to-date") })
  }

  @Test(
    "An adaptation to a target of another class mix that does harm is reported, and the source's model maps")
  func otherMix() throws {
    // Nearly all trees: their statistics make half of them look like water.
    let site = try site(target: .init(layout: 2, waterEvery: 13), gain: 1)
    try site.pipeline(
      "adapt", data: data,
      stages: learned + [
        "domain-adaptation: {method: adabn, batch: 4}",
        "evaluate: {split: held-out, from-scratch: false, on-negative-transfer: fall-back}",
      ] + mapping)
    let run = try site.run("adapt.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    #expect(
      run.output.contains("negative transfer: 'adapted (adabn)' is worse than 'source only' by "),
      "\(run.output)")
    let findings = SummaryFindings(of: try task(site, "evaluate", stage: "evaluate"))
    #expect(findings.flag("negative-transfer") == true)
    let verdict = SummaryFindings(of: try task(site, "evaluate-verdict", stage: "evaluate"))
    #expect(verdict.text("delivered-model") == "source only")
  }

  @Test("Settings that do not go with a choice are errors that say so")
  func wrongSettings() throws {
    let site = try site(target: .init(), gain: 1)
    func errors(_ stage: String) throws -> String {
      try site.pipeline("adapt", data: data, stages: learned + [stage])
      let run = try site.command("validate", "adapt.yaml")
      #expect(run.code == 78, "\(run)")
      return run.errors
    }
    let candidate = "{name: statistics, method: adabn}"
    #expect(
      try errors("domain-adaptation: {select-by: entropy}").contains(
        "'select-by' chooses among 'candidates'; there are none"))
    #expect(
      try errors("domain-adaptation: {blend: 0.5, candidates: [\(candidate)]}")
        .contains("'blend' is for each of the 'candidates' to say"))
    #expect(
      try errors("domain-adaptation: {candidates: [\(candidate), \(candidate)]}")
        .contains("2 candidates are called 'statistics'"))
    #expect(
      try errors("domain-adaptation: {candidates: [{name: unadapted}]}")
        .contains("'unadapted' is what the model is called that nothing is done to"))
    #expect(
      try errors("domain-adaptation: {select-by: few-labels, candidates: [\(candidate)]}")
        .contains("'select-by: few-labels' scores on the labels of data.target; there are none"))
    #expect(
      try errors("domain-adaptation: {candidates: [{name: x, method: adabn, epochs: 3}]}")
        .contains("'epochs' does not count for 'method: adabn'"))
  }
}
