import Numerics

extension LabelledFeatures {
  /// The H-score: the distance between the classes' means, measured by the spread of the features, as the
  /// trace of cov(f)^-1 cov(E[f | y]).
  ///
  /// With few samples the inverse of a sample covariance is far off, and the plain score grows with the
  /// number of features whatever they are. So the covariance S of d features is shrunk, as Ibrahim et al. do,
  /// to (1 - a) S + a tr(S) / d, with Ledoit and Wolf's a, and the means' covariance to (1 - a) of itself.
  /// Features that do not vary add nothing.
  ///
  /// At least 0, below the number of classes. NaN where there is no sample, or a feature is not finite.
  ///
  /// - Complexity: O(n d^2 + d^3).
  /// - Source: Bao et al. 2019, doi:10.1109/ICIP.2019.8803726; Ibrahim et al. 2022, arXiv:2110.06893; Ledoit
  ///   & Wolf 2004, doi:10.1016/S0047-259X(03)00096-4.
  public var hScore: Double {
    guard count > 0 else { return .nan }
    let number = Double(count)
    let center = mean(of: 0..<count)
    let centred = values.indices.map { values[$0] - center[$0 % width] }
    let covariance = DoubleMatrix(
      DoubleMatrix(centred, rows: count, columns: width).gram().values.map { $0 / number }, rows: width,
      columns: width)
    guard let decomposition = SymmetricEigendecomposition(covariance) else { return .nan }
    let (shrinkage, variance) = Self.shrinkage(of: covariance, centred: centred, count: count)
    let spreads = decomposition.values.map { (1 - shrinkage) * max(0, $0) + shrinkage * variance }
    let least = 1e-12 * spreads.last!
    return (1 - shrinkage)
      * members.reduce(0.0) { sum, samples in
        let shift = decomposition.vectors.times(zip(mean(of: samples), center).map { $0 - $1 })
        let distance = zip(shift, spreads).reduce(0.0) { $1.1 > least ? $0 + $1.0 * $1.0 / $1.1 : $0 }
        return sum + Double(samples.count) / number * distance
      }
  }

  /// Ledoit and Wolf's weight of the sphere that the covariance is shrunk to, and the variance of that
  /// sphere.
  private static func shrinkage(
    of covariance: DoubleMatrix, centred: [Double], count: Int
  ) -> (weight: Double, variance: Double) {
    let width = covariance.rows
    let variance = (0..<width).reduce(0.0) { $0 + covariance.values[$1 * width + $1] } / Double(width)
    let square = covariance.values.reduce(0) { $0 + $1 * $1 }
    // How far the covariance is from the sphere, and how far from the truth it is expected to be.
    let distance = square - Double(width) * variance * variance
    let fourth = (0..<count).reduce(0.0) { sum, sample in
      let length = centred[sample * width..<(sample + 1) * width].reduce(0) { $0 + $1 * $1 }
      return sum + length * length
    }
    let error = (fourth / Double(count) - square) / Double(count)
    return (distance > 0 ? max(0, min(1, error / distance)) : 0, variance)
  }
}
