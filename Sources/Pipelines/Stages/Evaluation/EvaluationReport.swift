import Foundation
import Host
import Products
import Rasters
import Runs
import Settings
import Tasks
import Transfer

/// The scores of an evaluation: `evaluation.json`, a table, and pictures of learning curves.
struct EvaluationReport<Score: ReportedScore> {
  private let results: EvaluationResults<Score>
  private let chain: EvaluatedChain
  private let transfer: NegativeTransfer?

  init(results: EvaluationResults<Score>, chain: EvaluatedChain) {
    (self.results, self.chain) = (results, chain)
    transfer = NegativeTransfer(results, chain: chain)
  }

  private func name(_ contestant: EvaluatedModel) -> String {
    chain.name(of: contestant, among: results.contestants)
  }

  private var classes: [String] { chain.file.classes.map(\.name) }

  /// Writes the report below a directory.
  ///
  /// - Returns: its files.
  func write(to directory: URL) throws -> [Layer] {
    let charts = EvaluationCurves(results: results, chain: chain).charts.map { name, chart in
      (Layer(name, file: "\(name).svg", .document), chart.svg)
    }
    let table = Layer("evaluation-table", file: "evaluation.txt", .document)
    let files = [(EvaluationVerdict.layer, contents.pretty), (table, text)] + charts
    for (layer, text) in files {
      try RegularFile.write(Data(text.utf8), to: directory.appendingPathComponent(layer.file).path)
    }
    return files.map(\.0)
  }

  // MARK: - For the summary of a run

  /// The scores of each model that the job's summary names, and the verdict.
  var findings: [Finding] {
    let rows = results.contestants.map { contestant -> [JSONValue?] in
      let averages = Averages(results.bySeed(contestant))
      return [.string(name(contestant))]
        + Score.summary.map { averages[$0.figure].map { .number($0.mean) } }
    }
    let columns = (["model"] + Score.summary.map(\.column)).map { FindingTable.Column($0) }
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

  /// Warnings to the user.
  var warnings: [String] { results.warnings + transferWarnings }

  private var transferWarnings: [String] {
    guard let transfer else { return [] }
    // An adapted model may lose to its source although the recipe as a whole does not.
    let stages = results.contestants.filter { if case .stage = $0 { true } else { false } }
    let recipe = headline(transfer.recipe).mean
    let better = stages.filter { contestant in
      !transfer.rivals.contains { $0.contestant == contestant } && contestant != transfer.recipe
        && Score.headline.isBetter(headline(contestant).mean, than: recipe)
    }
    return (transfer.lost.isEmpty ? [] : [transfer.sentence])
      + better.map { "'\(transfer.recipeName)' is worse than '\(name($0))', which came before it" }
  }

  /// Returns the task's headline over the seeds.
  private func headline(_ contestant: EvaluatedModel, fraction: Double = 1) -> ScoreSummary {
    ScoreSummary(results.bySeed(contestant, fraction: fraction).map(\.headline))
  }

  // MARK: - For those who read it again

  private var contents: JSONValue {
    var members: [String: JSONValue] = [
      "split": .string(chain.design.split.rawValue), "seeds": .int(chain.design.seeds),
      "classes": .array(classes.map(JSONValue.string)),
      "models": .array(results.contestants.map(model)),
    ]
    if let transfer {
      let verdict = EvaluationVerdict(
        isNegative: !transfer.lost.isEmpty, sentence: transfer.sentence, recipe: transfer.recipe,
        winner: transfer.winner, recipeName: transfer.recipeName, winnerName: transfer.winnerName)
      members["verdict"] = JSONValue(encoding: verdict)
      members["rivals"] = .array(
        transfer.rivals.map {
          [
            "name": .string($0.name), "margin of the recipe in \(Score.headline.title)": value($0.margin),
          ]
        })
    }
    if results.fractions.count > 1 {
      members["learning curve"] = .array(
        results.fractions.map { fraction in
          let scores = results.contestants.map { contestant -> (String, JSONValue) in
            (name(contestant), value(headline(contestant, fraction: fraction)))
          }
          return [
            "share of the labels": .number(fraction),
            Score.headline.title: .object(Dictionary(uniqueKeysWithValues: scores)),
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

  private func model(_ contestant: EvaluatedModel) -> JSONValue {
    let seeds = results.bySeed(contestant)
    let averages = Averages(seeds).figures
    let pooled = seeds.dropFirst().reduce(into: seeds[0]) { $0.add($1) }
    var members = pooled.details(classes: classes, seeds: seeds.count, first: seeds[0])
    members["name"] = .string(name(contestant))
    for (figure, average) in averages { members[figure.name] = JSONValue(figure: average.mean) }
    members["over seeds"] = .object(
      Dictionary(uniqueKeysWithValues: averages.map { ($0.figure.name, value($0.average)) }))
    return .object(members)
  }

  /// Returns mean, deviation and 95 % interval over seeds.
  private func value(_ sample: ScoreSummary) -> JSONValue {
    [
      "mean": JSONValue(figure: sample.mean), "deviation": JSONValue(figure: sample.deviation),
      "interval": sample.margin.isNaN
        ? .null
        : [JSONValue(figure: sample.mean - sample.margin), JSONValue(figure: sample.mean + sample.margin)],
    ]
  }

  // MARK: - For people

  /// Names, figures and the figure of each class, in columns, then the verdict.
  var text: String {
    let isOrdered = chain.takesClassesAsOrdered
    func shown(_ figures: [(figure: ScoreFigure, average: ScoreSummary)]) -> [(String, String)] {
      figures.filter { isOrdered || !$0.figure.isOfOrderedClasses }
        .map { ($0.figure.column, Self.text($0.average)) }
    }
    let lines = results.contestants.map { contestant -> [(String, String)] in
      let seeds = results.bySeed(contestant)
      return [("", name(contestant))] + shown(Averages(seeds).figures)
        + classes.enumerated().map { index, name in
          ("\(Score.classFigure) \(name)", Self.text(ScoreSummary(seeds.map { $0.classFigures[index] })))
        }
    }
    let heads = lines.first?.map(\.0) ?? []
    var rows = ResultTable.aligned([heads] + lines.map { $0.map(\.1) })
    rows.append(Score.footnote(results.contestants.flatMap { results.bySeed($0) }, classes: classes))
    if chain.design.seeds > 1 {
      rows.append("means over \(chain.design.seeds) seeds, +- half a 95 % interval")
    }
    if let transfer { rows.append(transfer.sentence) }
    return rows.joined(separator: "\n") + "\n"
  }

  private static func text(_ sample: ScoreSummary) -> String {
    guard !sample.mean.isNaN else { return "-" }
    let mean = String(format: "%.3f", sample.mean)
    return sample.margin.isNaN ? mean : mean + String(format: "+-%.3f", sample.margin)
  }
}

/// The figures of a model over the seeds.
struct Averages<Score: ReportedScore> {
  /// Each figure, as the first seed has it, and its average.
  let figures: [(figure: ScoreFigure, average: ScoreSummary)]

  init(_ seeds: [Score]) {
    let all = seeds.map(\.figures)
    figures = (all.first ?? []).enumerated().map { place, figure in
      (figure, ScoreSummary(all.map { $0[place].value }))
    }
  }

  /// Returns the average of a figure by its name; nil where there is none.
  subscript(name: String) -> ScoreSummary? { figures.first { $0.figure.name == name }?.average }
}
