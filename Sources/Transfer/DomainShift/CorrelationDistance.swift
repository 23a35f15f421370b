import Numerics

extension FeatureSample {
  /// Measures how far the covariances of two samples are apart: |Cs - Ct|^2 / (4 d^2), the distance that Deep
  /// CORAL minimises.
  ///
  /// It has the features' unit to the fourth power. NaN where a sample has fewer than two pixels.
  ///
  /// - Complexity: O((n + m) d^2).
  /// - Source: Sun & Saenko 2016, arXiv:1607.01719.
  public func correlationDistance(to other: FeatureSample) -> Double {
    precondition(width == other.width, "\(width) and \(other.width) features")
    guard count > 1 && other.count > 1 else { return .nan }
    let squares = zip(covariance.values, other.covariance.values).reduce(0.0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    return squares / Double(4 * width * width)
  }
}
