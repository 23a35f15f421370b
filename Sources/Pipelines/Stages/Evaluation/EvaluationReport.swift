import Foundation
import Host
import Products
import Runs
import Settings
import Transfer

/// The scores of an evaluation: `evaluation.json`, a table, and pictures of learning curves.
struct EvaluationReport {
  /// The scores for programs.
  static let table = Layer("evaluation", file: "evaluation.json", .document)
  private static let text = Layer("evaluation-table", file: "evaluation.txt", .document)

  private let results: EvaluationResults
  private let chain: EvaluatedChain
  private let transfer: NegativeTransfer?

  init(results: EvaluationResults, chain: EvaluatedChain) {
    (self.results, self.chain) = (results, chain)
    transfer = NegativeTransfer(results, chain: chain)
  }

  private func name(_ contestant: Contestant) -> String {
    chain.name(of: contestant, among: results.contestants)
  }

  private var classes: [String] { chain.file.classes.map(\.name) }

  /// Writes the report.
  ///
  /// - Returns: its files.
  func write(to directory: URL) throws -> [Layer] {
    let charts = EvaluationCurves(results: results, chain: chain).charts.map { name, chart in
      (Layer(name, file: "\(name).svg", .document), chart.svg)
    }
    let files = [(Self.table, contents.pretty), (Self.text, text)] + charts
    for (layer, text) in files {
      try RegularFile.write(Data(text.utf8), to: directory.appendingPathComponent(layer.file).path)
    }
    return files.map(\.0)
  }

  // MARK: - For the summary of a run

  /// Overall accuracy and mean IoU of each model, and the verdict.
  var findings: [Finding] {
    let rows = results.contestants.map { contestant -> [JSONValue?] in
      let scores = Averages(results.bySeed(contestant))
      return [
        .string(name(contestant)), .number(scores.overallAccuracy.mean), .number(scores.meanIoU.mean),
      ]
    }
    let columns: [FindingTable.Column] = [.init("model"), .init("overall-accuracy"), .init("mean-iou")]
    let scores = Finding(.modelScores, .table(FindingTable(columns, rows)))
    guard let transfer else { return [scores] }
    return [
      scores, Finding(.negativeTransfer, .flag(!transfer.lost.isEmpty)),
      Finding(.verdict, .text(transfer.sentence)),
    ]
  }

  /// The seconds of each model's own trainings.
  var trainingTimes: Finding {
    let rows = results.contestants.map { contestant in
      [JSONValue.string(name(contestant)), .number((results.seconds(contestant) * 10).rounded() / 10)]
    }
    return Finding(
      .trainingTimes, .table(FindingTable([.init("model"), .init("seconds", unit: "s")], rows)))
  }

  /// What the user should know.
  var warnings: [String] { results.warnings + transferWarnings }

  private var transferWarnings: [String] {
    guard let transfer else { return [] }
    // An adapted model may lose to its source although the recipe as a whole does not.
    let stages = results.contestants.filter { if case .stage = $0 { true } else { false } }
    let recipe = Averages(results.bySeed(transfer.recipe)).meanIoU.mean
    let better = stages.filter { contestant in
      !transfer.rivals.contains { $0.contestant == contestant } && contestant != transfer.recipe
        && Averages(results.bySeed(contestant)).meanIoU.mean > recipe
    }
    return (transfer.lost.isEmpty ? [] : [transfer.sentence])
      + better.map { "'\(transfer.recipeName)' is worse than '\(name($0))', which came before it" }
  }

  // MARK: - For those who read it again

  /// What an evaluation has found, as far as it decides what goes on.
  struct Verdict: Codable {
    let isNegative: Bool
    let sentence: String
    let recipe, winner: Contestant
    let recipeName, winnerName: String
  }

  /// The verdict of a report.
  static func verdict(in file: URL) throws -> Verdict {
    struct Contents: Codable { let verdict: Verdict? }
    guard
      let verdict = try JSONDecoder().decode(Contents.self, from: RegularFile.contents(of: file.path)).verdict
    else {
      throw TaskFailure(
        "evaluate: no model of the chain knows the classes, so there is no verdict",
        exitCode: .badPipelineFile)
    }
    return verdict
  }

  private var contents: JSONValue {
    var members: [String: JSONValue] = [
      "split": .string(chain.design.split.rawValue), "seeds": .int(chain.design.seeds),
      "classes": .array(classes.map(JSONValue.string)),
      "models": .array(results.contestants.map(model)),
    ]
    if let transfer {
      let verdict = Verdict(
        isNegative: !transfer.lost.isEmpty, sentence: transfer.sentence, recipe: transfer.recipe,
        winner: transfer.winner, recipeName: transfer.recipeName, winnerName: transfer.winnerName)
      members["verdict"] = JSONValue(encoding: verdict)
      members["rivals"] = .array(
        transfer.rivals.map { ["name": .string($0.name), "margin of the recipe in mIoU": value($0.margin)] })
    }
    if results.fractions.count > 1 {
      members["learning curve"] = .array(
        results.fractions.map { fraction in
          let scores = results.contestants.map { contestant -> (String, JSONValue) in
            (name(contestant), value(Averages(results.bySeed(contestant, fraction: fraction)).meanIoU))
          }
          return [
            "share of the labels": .number(fraction),
            "mIoU": .object(Dictionary(uniqueKeysWithValues: scores)),
          ]
        })
    }
    if !results.choices.isEmpty {
      members["choices of the inner folds"] = .object(
        Dictionary(
          uniqueKeysWithValues: results.choices.map { (chain.design.candidates[$0.key].name, .int($0.value)) }
        ))
    }
    return .object(members)
  }

  private func model(_ contestant: Contestant) -> JSONValue {
    let seeds = results.bySeed(contestant)
    let averages = Averages(seeds)
    let pooled = seeds.dropFirst().reduce(into: seeds[0]) { $0.add($1) }
    let matrix = pooled.matrix
    let perClass = classes.enumerated().map { index, name -> (String, JSONValue) in
      let scores = matrix.scores(of: index)
      return (
        name,
        [
          "precision": number(scores.precision), "recall": number(scores.recall), "F1": number(scores.f1),
          "IoU": number(scores.iou), "pixels": .int(scores.support / seeds.count),
        ]
      )
    }
    let rows = (0..<matrix.classes).map { row in
      JSONValue.array((0..<matrix.classes).map { .int(matrix.counts[row * matrix.classes + $0]) })
    }
    return [
      "name": .string(name(contestant)), "pixels": .int(seeds[0].matrix.total),
      "OA": number(averages.overallAccuracy.mean), "kappa": number(averages.kappa.mean),
      "weighted kappa": number(averages.weightedKappa.mean), "mIoU": number(averages.meanIoU.mean),
      "F1": number(averages.meanF1.mean),
      "mapped, not in the labels": .array(matrix.onlyMapped.map { .string(classes[$0]) }),
      "boundary IoU": number(averages.boundaryIoU.mean),
      "calibration error": number(averages.calibrationError.mean),
      "over seeds": .object(averages.named.mapValues(value)),
      "per class": .object(Dictionary(uniqueKeysWithValues: perClass)),
      "confusion (rows reference, columns map)": .array(rows), "area": area(seeds[0]),
    ]
  }

  /// The areas of the first seed's map: within the labels' bounding box.
  private func area(_ scores: ModelScores) -> JSONValue {
    guard let area = scores.area else { return .null }
    let unit = scores.pixelArea == nil ? "pixels" : "hectares"
    let factor = scores.pixelArea == nil ? 1 : 1e-4
    let estimates = classes.enumerated().map { index, name -> (String, JSONValue) in
      let estimate = area.areas[index]
      let mapped = Double(scores.mappedPixels[index]) * (scores.pixelArea ?? 1)
      return (
        name,
        [
          unit: number(estimate.value * factor), "plus or minus": number(estimate.margin * factor),
          "mapped": number(mapped * factor),
        ]
      )
    }
    return .object(Dictionary(uniqueKeysWithValues: estimates))
  }

  /// Mean, deviation and 95 % interval over seeds.
  private func value(_ sample: ScoreSummary) -> JSONValue {
    [
      "mean": number(sample.mean), "deviation": number(sample.deviation),
      "interval": sample.margin.isNaN
        ? .null : [number(sample.mean - sample.margin), number(sample.mean + sample.margin)],
    ]
  }

  /// A NaN has no place in JSON: no pixel stood in the denominator.
  private func number(_ value: Double) -> JSONValue { value.isNaN ? .null : .number(value) }

  // MARK: - For people

  /// Names, OA, kappa, mIoU and the IoU of each class, in columns, then the verdict.
  var text: String {
    let isOrdered = chain.takesClassesAsOrdered
    let heads =
      ["", "OA", "kappa"] + (isOrdered ? ["w. kappa"] : []) + ["mIoU", "F1", "bIoU", "ECE"]
      + classes.map { "IoU \($0)" }
    let lines = results.contestants.map { contestant in
      let seeds = results.bySeed(contestant)
      let averages = Averages(seeds)
      return [name(contestant)]
        + ([averages.overallAccuracy, averages.kappa] + (isOrdered ? [averages.weightedKappa] : [])
        + [averages.meanIoU, averages.meanF1, averages.boundaryIoU, averages.calibrationError]).map(shown)
        + classes.indices.map { index in shown(ScoreSummary(seeds.map { $0.matrix.scores(of: index).iou })) }
    }
    var rows = ResultTable.aligned([heads] + lines)
    rows.append(
      "mIoU and F1 are means over the classes that the labels or the map hold" + falseClasses)
    if chain.design.seeds > 1 {
      rows.append("means over \(chain.design.seeds) seeds, +- half a 95 % interval")
    }
    if let transfer { rows.append(transfer.sentence) }
    return rows.joined(separator: "\n") + "\n"
  }

  /// Which classes count as 0 because they are mapped, and no label has them.
  private var falseClasses: String {
    let mapped = results.contestants.flatMap { results.bySeed($0).flatMap(\.matrix.onlyMapped) }
    let names = Set(mapped).sorted().map { "'\(classes[$0])'" }
    return names.isEmpty
      ? "" : "; \(names.joined(separator: ", ")), which no label has, with 0 where it is mapped"
  }

  private func shown(_ sample: ScoreSummary) -> String {
    guard !sample.mean.isNaN else { return "-" }
    let mean = String(format: "%.3f", sample.mean)
    return sample.margin.isNaN ? mean : mean + String(format: "+-%.3f", sample.margin)
  }
}

/// The scores of a model over the seeds.
struct Averages {
  private let seeds: [ModelScores]

  init(_ seeds: [ModelScores]) { self.seeds = seeds }

  private func sample(_ score: (ModelScores) -> Double) -> ScoreSummary { ScoreSummary(seeds.map(score)) }

  var overallAccuracy: ScoreSummary { sample(\.matrix.overallAccuracy) }
  var kappa: ScoreSummary { sample(\.matrix.kappa) }
  var weightedKappa: ScoreSummary { sample(\.matrix.weightedKappa) }
  var meanIoU: ScoreSummary { sample(\.matrix.meanIoU) }
  var meanF1: ScoreSummary { sample(\.matrix.meanF1) }
  var boundaryIoU: ScoreSummary { sample(\.boundary.mean) }
  var calibrationError: ScoreSummary { sample(\.calibration.expectedError) }

  var named: [String: ScoreSummary] {
    [
      "OA": overallAccuracy, "kappa": kappa, "weighted kappa": weightedKappa, "mIoU": meanIoU, "F1": meanF1,
      "boundary IoU": boundaryIoU,
      "calibration error": calibrationError,
    ]
  }
}
