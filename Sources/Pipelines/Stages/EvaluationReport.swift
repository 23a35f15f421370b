import Foundation
import Transfer

/// The scores of several models on the same held-out labels, as `evaluation.json` and as a table.
struct EvaluationReport {
  /// One model.
  struct Score {
    let name: String
    let matrix: ConfusionMatrix
  }

  static let fromScratch = "from scratch"

  let split: String
  let classes: [String]
  let scores: [Score]

  /// What the summary of a run shows.
  var metrics: [String: JSONValue] {
    Dictionary(
      scores.map { ($0.name, ["OA": number($0.matrix.overallAccuracy), "mIoU": number($0.matrix.meanIoU)]) },
      uniquingKeysWith: { _, later in later })
  }

  /// Says so where the last model of the chain is no better than one that did without transfer.
  var warnings: [String] {
    guard let chosen = scores.last(where: { $0.name != Self.fromScratch }) else { return [] }
    return scores.filter { $0.name != chosen.name && $0.matrix.meanIoU > chosen.matrix.meanIoU }.map {
      other in
      "'\(chosen.name)' (mIoU \(shown(chosen.matrix.meanIoU))) is worse than '\(other.name)' "
        + "(\(shown(other.matrix.meanIoU)))"
    }
  }

  func write(to directory: URL) throws {
    try Data(json.pretty.utf8).write(to: directory.appendingPathComponent("evaluation.json"))
    try Data(table.utf8).write(to: directory.appendingPathComponent("evaluation.txt"))
  }

  private var json: JSONValue {
    [
      "split": .string(split), "classes": .array(classes.map(JSONValue.string)),
      "models": .array(scores.map(model)),
    ]
  }

  private func model(_ score: Score) -> JSONValue {
    let matrix = score.matrix
    let perClass = classes.enumerated().map { index, name -> (String, JSONValue) in
      let scores = matrix.scores(of: index)
      return (
        name,
        [
          "precision": number(scores.precision), "recall": number(scores.recall), "F1": number(scores.f1),
          "IoU": number(scores.iou), "pixels": .int(scores.support),
        ]
      )
    }
    let rows = (0..<matrix.classes).map { row in
      JSONValue.array((0..<matrix.classes).map { .int(matrix.counts[row * matrix.classes + $0]) })
    }
    return [
      "name": .string(score.name), "pixels": .int(matrix.total), "OA": number(matrix.overallAccuracy),
      "kappa": number(matrix.kappa), "mIoU": number(matrix.meanIoU),
      "per class": .object(Dictionary(uniqueKeysWithValues: perClass)),
      "confusion (rows reference, columns map)": .array(rows),
    ]
  }

  /// A NaN has no place in JSON: no pixel stood in the denominator.
  private func number(_ value: Double) -> JSONValue { value.isNaN ? .null : .number(value) }

  private func shown(_ value: Double) -> String { value.isNaN ? "-" : String(format: "%.3f", value) }

  /// Names, OA, kappa, mIoU and the IoU of each class, in columns.
  var table: String {
    let heads = ["", "OA", "kappa", "mIoU"] + classes.map { "IoU \($0)" }
    let lines = scores.map { score in
      [
        score.name, shown(score.matrix.overallAccuracy), shown(score.matrix.kappa),
        shown(score.matrix.meanIoU),
      ]
        + classes.indices.map { shown(score.matrix.scores(of: $0).iou) }
    }
    return ResultTable.aligned([heads] + lines).joined(separator: "\n") + "\n"
  }
}
