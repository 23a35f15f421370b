import Runs
import Settings

/// The score of a task's answers: counts that add up over folds and scenes, and the figures that follow from
/// them.
package protocol ReportedScore: Codable, Sendable {
  /// The figure that decides between models.
  static var headline: Headline { get }
  /// The figures of the models that a run's summary shows: their names there, and among ``figures``.
  static var summary: [(column: String, figure: String)] { get }
  /// The name of the figure of single classes in tables.
  static var classFigure: String { get }

  /// Adds the counts of another part of the labels.
  mutating func add(_ other: Self)
  /// The value of the headline; NaN where nothing was counted.
  var headline: Double { get }
  /// All figures, in the order of tables.
  var figures: [ScoreFigure] { get }
  /// The figure of each class in tables; NaN where it has none.
  var classFigures: [Double] { get }
  /// Returns what reports for programs hold beside the figures.
  ///
  /// - Parameters:
  ///   - seeds: how many repetitions the counts are of.
  ///   - first: the counts of the first of them.
  func details(classes: [String], seeds: Int, first: Self) -> [String: JSONValue]
  /// Returns what a reader of a table with these scores has to know, in a sentence.
  static func footnote(_ scores: [Self], classes: [String]) -> String
}

/// The figure by which models are chosen and compared.
package struct Headline: Sendable {
  /// The name of the figure in tables and logs: `mIoU`.
  package let title: String
  /// The key of the figure in a run's summary, where a training held out labels.
  package let key: FindingKey
  /// Whether the higher value is the better one.
  package let isHigherBetter: Bool

  /// Creates a headline.
  package init(_ title: String, _ key: FindingKey, isHigherBetter: Bool = true) {
    (self.title, self.key, self.isHigherBetter) = (title, key, isHigherBetter)
  }

  /// Returns whether a value is better than another; a value that is none is better than nothing, and no
  /// better than any other.
  package func isBetter(_ value: Double, than other: Double?) -> Bool {
    guard let other else { return true }
    return isHigherBetter ? value > other : value < other
  }

  /// Returns by how much a value is better than another; below 0 where it is worse.
  package func gain(of value: Double, over other: Double) -> Double {
    isHigherBetter ? value - other : other - value
  }
}

/// One figure of a score.
package struct ScoreFigure: Sendable {
  /// The name of the figure in reports for programs: `boundary IoU`.
  package let name: String
  /// The heading of the figure's column in tables: `bIoU`.
  package let column: String
  /// The value of the figure; NaN where it has none.
  package let value: Double
  /// Whether the figure means something for ordered classes only.
  package var isOfOrderedClasses = false

  /// Creates a figure.
  package init(_ name: String, column: String? = nil, _ value: Double) {
    (self.name, self.column, self.value) = (name, column ?? name, value)
  }

  /// The figure, marked as one for ordered classes only.
  package var ofOrderedClasses: ScoreFigure {
    var figure = self
    figure.isOfOrderedClasses = true
    return figure
  }
}

extension JSONValue {
  /// Creates the number of a figure; null for NaN, which has no place in JSON: nothing stood in the
  /// denominator.
  package init(figure value: Double) { self = value.isNaN ? .null : .number(value) }
}
