import Numerics

/// The two directions in which the features of several samples together vary most, to draw them on a plane.
public struct PrincipalComponents: Sendable {
  /// The share of all variance along each of the two directions.
  public let shares: [Double]
  private let means: [Double]
  /// `[2, width]`, of length 1; the largest component of each is above 0, so that a picture is not mirrored
  /// by chance.
  private let directions: DoubleMatrix

  /// Creates the directions of all pixels of the samples.
  ///
  /// Nil where there are fewer than two pixels or two features, or a feature is not finite.
  public init?(of samples: FeatureSample...) {
    guard let first = samples.first, first.width > 1 else { return nil }
    let all = samples.dropFirst().reduce(first) { $0.joined(with: $1) }
    guard all.count > 1, let decomposition = SymmetricEigendecomposition(all.covariance) else { return nil }
    let places = [all.width - 1, all.width - 2]
    let total = decomposition.values.reduce(0, +)
    shares = places.map { total > 0 ? max(0, decomposition.values[$0]) / total : 0 }
    means = all.means
    let rows = places.flatMap { place -> [Double] in
      let row = Array(decomposition.vectors.values[place * all.width..<(place + 1) * all.width])
      let largest = row.max { abs($0) < abs($1) }!
      return largest < 0 ? row.map { -$0 } : row
    }
    directions = DoubleMatrix(rows, rows: 2, columns: all.width)
  }

  /// Projects the pixels of a sample onto the plane.
  public func points(of sample: FeatureSample) -> [(x: Double, y: Double)] {
    (0..<sample.count).map { index in
      let point = directions.times(zip(sample.row(index), means).map { $0 - $1 })
      return (point[0], point[1])
    }
  }
}
