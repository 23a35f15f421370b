import Layers
import Runs
import Settings

/// The score of one class for each chip: its confusion matrix, the calibration of its probabilities, and how
/// far down among the likeliest classes the right one is.
package struct ClassificationScore: Codable, Sendable {
  /// Counts of reference class against answered class.
  package private(set) var matrix: ConfusionMatrix
  private var calibration = Calibration()
  /// The number of chips by how many classes were held likelier than the right one.
  private var ranks: [Int]

  /// Creates a score in which no chip is counted yet.
  package init(classes: Int) {
    matrix = ConfusionMatrix(classes: classes)
    ranks = Array(repeating: 0, count: classes)
  }

  /// Counts a chip by its class and the probabilities that it was given, the lowest index where several tie.
  package mutating func add(truth: UInt8, probabilities: [Float]) {
    guard probabilities.allSatisfy(\.isFinite) else { return }
    let best = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
    matrix.add(reference: [truth], mapped: [UInt8(best)])
    calibration.add(confidence: [probabilities[best]], isRight: [best == Int(truth)])
    let own = probabilities[Int(truth)]
    ranks[
      probabilities.indices.count {
        probabilities[$0] > own || probabilities[$0] == own && $0 < Int(truth)
      }] += 1
  }

  /// Returns the share of chips whose class is among the `count` likeliest ones; NaN where nothing was
  /// counted.
  package func topAccuracy(_ count: Int) -> Double {
    Double(ranks.prefix(count).reduce(0, +)) / Double(ranks.reduce(0, +))
  }
}

extension ClassificationScore: ReportedScore {
  package static let headline = Headline("accuracy", .accuracy)
  package static let summary: [(column: String, figure: String)] = [
    (column: "overall-accuracy", figure: "OA"), ("macro-f1", "F1"),
  ]
  package static let classFigure = "F1"

  /// The number of likeliest classes among which a class counts as found, where there are more classes.
  private static let top = 3

  package mutating func add(_ other: ClassificationScore) {
    matrix.add(other.matrix)
    calibration.add(other.calibration)
    ranks = zip(ranks, other.ranks).map { $0 + $1 }
  }

  package var headline: Double { matrix.overallAccuracy }

  package var figures: [ScoreFigure] {
    let top =
      matrix.classes > Self.top
      ? [ScoreFigure("top-\(Self.top) accuracy", column: "top \(Self.top)", topAccuracy(Self.top))] : []
    return [ScoreFigure("OA", matrix.overallAccuracy)] + top + [
      ScoreFigure("kappa", matrix.kappa),
      ScoreFigure("weighted kappa", column: "w. kappa", matrix.weightedKappa).ofOrderedClasses,
      ScoreFigure("F1", matrix.meanF1),
      ScoreFigure("calibration error", column: "ECE", calibration.expectedError),
    ]
  }

  package var classFigures: [Double] { (0..<matrix.classes).map { matrix.scores(of: $0).f1 } }

  package func details(classes: [String], seeds: Int, first: ClassificationScore) -> [String: JSONValue] {
    let perClass = classes.enumerated().map { index, name -> (String, JSONValue) in
      let scores = matrix.scores(of: index)
      let figures: JSONValue = [
        "precision": JSONValue(figure: scores.precision), "recall": JSONValue(figure: scores.recall),
        "F1": JSONValue(figure: scores.f1), "chips": .int(scores.support / seeds),
      ]
      return (name, figures)
    }
    return [
      "chips": .int(first.matrix.total), "per class": .object(Dictionary(uniqueKeysWithValues: perClass)),
      "confusion (rows reference, columns answers)": .array(matrix.rows),
    ]
  }

  package static func footnote(_ scores: [ClassificationScore], classes: [String]) -> String {
    "F1 is the mean over the classes that the labels or the answers hold"
  }
}
