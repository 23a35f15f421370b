import Runs
import Settings

/// The score of chips that may show several classes: by the order of their probabilities, and by those above
/// one half.
package struct MultiLabelScore: Codable, Sendable {
  /// The probability from which on a class counts as answered.
  package static let threshold: Float = 0.5

  /// The probabilities of each class in the order of the chips, and whether the chips show it.
  private var probabilities: [[Float]]
  private var isShown: [[Bool]]

  /// Creates a score in which no chip is counted yet.
  package init(classes: Int) {
    probabilities = Array(repeating: [], count: classes)
    isShown = Array(repeating: [], count: classes)
  }

  /// Counts a chip by all of its classes and the probabilities that it was given.
  package mutating func add(truth: [UInt8], probabilities given: [Float]) {
    guard given.allSatisfy(\.isFinite) else { return }
    for index in given.indices {
      probabilities[index].append(given[index])
      isShown[index].append(truth.contains(UInt8(index)))
    }
  }

  /// The number of chips counted.
  package var total: Int { probabilities.first?.count ?? 0 }

  /// Returns the area below precision over recall, a step for each probability: the sum of (R[n] - R[n-1])
  /// P[n]. NaN for a class that no chip shows.
  ///
  /// - Source: scikit-learn's `average_precision_score`.
  package func averagePrecision(of index: Int) -> Double {
    let shown = isShown[index].count { $0 }
    guard shown > 0 else { return .nan }
    let order = probabilities[index].indices.sorted { probabilities[index][$0] > probabilities[index][$1] }
    var (hits, seen, area, earlier) = (0, 0, 0.0, 0)
    for (place, chip) in order.enumerated() {
      (hits, seen) = (hits + (isShown[index][chip] ? 1 : 0), seen + 1)
      // Chips of one probability are one step.
      let isLast = place + 1 == order.count
      guard isLast || probabilities[index][order[place + 1]] < probabilities[index][chip] else { continue }
      area += Double(hits - earlier) / Double(shown) * Double(hits) / Double(seen)
      earlier = hits
    }
    return area
  }

  /// Counts a class's answers against what is shown: hits, answers, and chips that show it.
  private func counts(of index: Int) -> (hits: Int, answered: Int, shown: Int) {
    let answered = probabilities[index].map { $0 >= Self.threshold }
    return (
      zip(answered, isShown[index]).count { $0 && $1 }, answered.count { $0 }, isShown[index].count { $0 }
    )
  }

  private static func f1(_ counts: (hits: Int, answered: Int, shown: Int)) -> Double {
    2 * Double(counts.hits) / Double(counts.answered + counts.shown)
  }

  /// F1 over all pairs of chip and class; NaN where nothing is shown or answered.
  package var microF1: Double {
    let all = probabilities.indices.map(counts)
    return Self.f1(
      all.reduce((0, 0, 0)) { ($0.0 + $1.hits, $0.1 + $1.answered, $0.2 + $1.shown) })
  }

  /// The mean F1 over the classes that are shown or answered.
  package var macroF1: Double { Self.mean(probabilities.indices.map { Self.f1(counts(of: $0)) }) }

  /// The share of chips of which all classes are right.
  package var exactShare: Double {
    let right = (0..<total).count { chip in
      probabilities.indices.allSatisfy {
        (probabilities[$0][chip] >= Self.threshold) == isShown[$0][chip]
      }
    }
    return Double(right) / Double(total)
  }

  /// Returns the mean of those values that are numbers.
  private static func mean(_ values: [Double]) -> Double {
    let known = values.filter { !$0.isNaN }
    return known.reduce(0, +) / Double(known.count)
  }
}

extension MultiLabelScore: ReportedScore {
  package static let headline = Headline("mAP", .meanAveragePrecision)
  package static let summary: [(column: String, figure: String)] = [
    (column: "mean-average-precision", figure: "mAP"), ("macro-f1", "F1"),
  ]
  package static let classFigure = "AP"

  package mutating func add(_ other: MultiLabelScore) {
    for index in probabilities.indices {
      probabilities[index] += other.probabilities[index]
      isShown[index] += other.isShown[index]
    }
  }

  package var headline: Double { Self.mean(classFigures) }

  package var figures: [ScoreFigure] {
    [
      ScoreFigure("mAP", headline), ScoreFigure("F1", macroF1),
      ScoreFigure("micro F1", column: "micro F1", microF1), ScoreFigure("exact", exactShare),
    ]
  }

  package var classFigures: [Double] { probabilities.indices.map(averagePrecision) }

  package func details(classes: [String], seeds: Int, first: MultiLabelScore) -> [String: JSONValue] {
    let perClass = classes.enumerated().map { index, name -> (String, JSONValue) in
      let counts = counts(of: index)
      let figures: JSONValue = [
        "AP": JSONValue(figure: averagePrecision(of: index)),
        "precision": JSONValue(figure: Double(counts.hits) / Double(counts.answered)),
        "recall": JSONValue(figure: Double(counts.hits) / Double(counts.shown)),
        "F1": JSONValue(figure: Self.f1(counts)), "chips": .int(counts.shown / seeds),
      ]
      return (name, figures)
    }
    return [
      "chips": .int(first.total), "per class": .object(Dictionary(uniqueKeysWithValues: perClass)),
    ]
  }

  package static func footnote(_ scores: [MultiLabelScore], classes: [String]) -> String {
    "mAP is the mean over the classes that some chip shows; F1 and exact count probabilities of one half and above"
  }
}
