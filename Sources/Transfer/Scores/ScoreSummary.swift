/// Mean and spread of a score over repetitions with other seeds, or over folds.
///
/// Folds share most of their training labels, and so are not independent: the interval over folds of one
/// split is too narrow (Bengio & Grandvalet 2004), that over seeds says how much chance decides.
public struct ScoreSummary: Hashable, Sendable {
  /// The number of scores.
  public let count: Int
  /// The mean of the scores; NaN where there are none, or where one is NaN.
  public let mean: Double
  /// The standard deviation of the scores (n - 1); NaN for fewer than two.
  public let deviation: Double
  /// Half the width of the 95 % interval of the mean by Student's distribution, t deviation / sqrt(n); NaN
  /// for fewer than two.
  public let margin: Double

  /// Summarises scores.
  public init(_ scores: [Double]) {
    count = scores.count
    let number = Double(scores.count)
    let mean = scores.reduce(0, +) / number
    self.mean = mean
    guard scores.count > 1 else {
      (deviation, margin) = (.nan, .nan)
      return
    }
    deviation = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (number - 1)).squareRoot()
    margin = StudentDistribution(freedom: scores.count - 1).quantile(0.975) * deviation / number.squareRoot()
  }
}
