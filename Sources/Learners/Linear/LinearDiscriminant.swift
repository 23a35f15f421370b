import Foundation
import Numerics

/// Classes as normal distributions of one covariance, which is drawn towards a multiple of the identity as
/// far as Ledoit and Wolf find best for so many samples.
///
/// - Source: Ledoit, Wolf 2004, doi:10.1016/S0047-259X(03)00096-4; the covariance is the mean of the classes'
///   own, weighed by their shares, each shrunk by itself on standardised features, as scikit-learn has it.
package struct LinearDiscriminant: Learner {
  /// Creates a learner of linear discriminants.
  package init() {}

  package func learn(_ table: FeatureTable, seed: UInt64, isCancelled: () -> Bool) throws -> Learned {
    let moments = try ClassMoments(table)
    let width = table.width
    var covariance = [Double](repeating: 0, count: width * width)
    for index in moments.counts.indices where moments.counts[index] > 0 {
      if isCancelled() { throw CancellationError() }
      let rows = table.classes.indices.filter { Int(table.classes[$0]) == index }
        .map { moments.deviations(of: $0, in: table) }
      let share = Double(rows.count) / Double(table.count)
      for (place, value) in Self.shrunkCovariance(rows, width: width).enumerated() {
        covariance[place] += share * value
      }
    }
    guard
      let eigen = SymmetricEigendecomposition(DoubleMatrix(covariance, rows: width, columns: width)),
      let largest = eigen.values.last
    else { throw LearningFault("the features' covariance has no eigenvectors") }
    // Directions in which nothing varies tell no classes apart.
    let cut = largest * 1e-12
    func solved(_ vector: [Double]) -> [Double] {
      var solution = [Double](repeating: 0, count: width)
      for (place, value) in eigen.values.enumerated() where value > cut {
        let own = Array(eigen.vectors.values[place * width..<(place + 1) * width])
        let factor = zip(own, vector).reduce(0) { $0 + $1.0 * $1.1 } / value
        for feature in 0..<width { solution[feature] += factor * own[feature] }
      }
      return solution
    }
    var (weights, intercepts) = ([Float](), [Float]())
    for (mean, count) in zip(moments.means, moments.counts) {
      let slope = count == 0 ? Array(repeating: 0, count: width) : solved(mean)
      weights += slope.map(Float.init)
      let half = zip(slope, mean).reduce(0) { $0 + $1.0 * $1.1 } / 2
      intercepts.append(
        count == 0
          ? LinearClassifier.unseen : Float(log(Double(count) / Double(table.count)) - half))
    }
    return Learned(classifier: LinearClassifier(weights: weights, intercepts: intercepts))
  }

  /// Returns the covariance of deviations from a mean, shrunk on features of deviation 1, `[width, width]`.
  static func shrunkCovariance(_ rows: [[Double]], width: Int) -> [Double] {
    let count = Double(rows.count)
    var scales = [Double](repeating: 0, count: width)
    for row in rows { for feature in 0..<width { scales[feature] += row[feature] * row[feature] / count } }
    scales = scales.map { $0 > 0 ? $0.squareRoot() : 1 }
    let scaled = rows.map { row in zip(row, scales).map { $0 / $1 } }
    var (sums, squares) = (
      [Double](repeating: 0, count: width * width), [Double](repeating: 0, count: width * width)
    )
    for row in scaled {
      for first in 0..<width {
        for second in first..<width {
          let product = row[first] * row[second]
          sums[first * width + second] += product
          squares[first * width + second] += product * product
        }
      }
    }
    let trace = (0..<width).reduce(0) { $0 + sums[$1 * width + $1] / count } / Double(width)
    // beta: how much the covariance itself is uncertain; delta: how far it is from the identity's multiple.
    var (beta, delta) = (0.0, 0.0)
    for first in 0..<width {
      for second in first..<width {
        let times = first == second ? 1.0 : 2.0
        let mean = sums[first * width + second] / count
        beta += times * (squares[first * width + second] / count - mean * mean)
        let distance = mean - (first == second ? trace : 0)
        delta += times * distance * distance
      }
    }
    beta = beta / count / Double(width)
    delta /= Double(width)
    let shrinkage = delta == 0 ? 0 : min(beta, delta) / delta
    var covariance = [Double](repeating: 0, count: width * width)
    for first in 0..<width {
      for second in first..<width {
        var value = (1 - shrinkage) * sums[first * width + second] / count
        if first == second { value += shrinkage * trace }
        value *= scales[first] * scales[second]
        covariance[first * width + second] = value
        covariance[second * width + first] = value
      }
    }
    return covariance
  }
}
