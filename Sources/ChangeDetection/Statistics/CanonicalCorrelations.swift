import Numerics

/// Pairs of linear combinations of two sets of bands that correlate most with each other, each pair
/// uncorrelated with the others.
struct CanonicalCorrelations {
  /// Ascending: the pair that correlates least comes first. `[C]`
  let correlations: [Double]
  /// Weights of the first and the second set, `[C, C]`: row i is the i-th combination, of variance 1.
  let first, second: [[Double]]

  /// A share of each band's variance that is added to it, so that bands which are copies of each other can be
  /// inverted.
  private static let regularization = 1e-10

  /// Creates the canonical correlations of a joint covariance `[2 C, 2 C]`; nil where its numbers are not
  /// finite.
  ///
  /// Bands are scaled to variance 1 before, so that units do not matter; a constant band correlates with
  /// nothing.
  init?(_ covariance: DoubleMatrix) {
    let (size, count) = (covariance.rows, covariance.rows / 2)
    func value(_ row: Int, _ column: Int) -> Double { covariance.values[row * size + column] }
    let scales = (0..<size).map { value($0, $0) > 0 ? 1 / value($0, $0).squareRoot() : 0 }
    func block(_ rows: Int, _ columns: Int) -> [[Double]] {
      (0..<count).map { row in
        (0..<count).map { column in
          if rows == columns && row == column { return 1 + Self.regularization }
          return value(rows + row, columns + column) * scales[rows + row] * scales[columns + column]
        }
      }
    }
    guard let whiteFirst = Self.inverseRoot(block(0, 0)),
      let whiteSecond = Self.inverseRoot(block(count, count))
    else { return nil }
    let cross = multiply(multiply(whiteFirst, block(0, count)), whiteSecond)
    let gram = multiply(cross, transpose(cross))
    guard
      let decomposition = SymmetricEigendecomposition(
        DoubleMatrix(gram.flatMap { $0 }, rows: count, columns: count))
    else { return nil }
    correlations = decomposition.values.map { min(1, max(0, $0)).squareRoot() }
    var (first, second): ([[Double]], [[Double]]) = ([], [])
    for index in 0..<count {
      var left = Array(decomposition.vectors.values[index * count..<(index + 1) * count])
      // Either sign is an eigenvector: the combination is to rise with its bands on the whole.
      let loading = multiply([left], multiply(whiteFirst, block(0, 0)))[0].reduce(0, +)
      if loading < 0 { left = left.map { -$0 } }
      var right = multiply([left], cross)[0]
      let length = right.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // What correlates with nothing has no partner.
      right = right.map { length > 1e-12 ? $0 / length : 0 }
      first.append(zip(multiply([left], whiteFirst)[0], scales).map { $0 * $1 })
      second.append(zip(multiply([right], whiteSecond)[0], scales[count...]).map { $0 * $1 })
    }
    (self.first, self.second) = (first, second)
  }

  /// Returns the symmetric inverse square root of a positive definite matrix.
  private static func inverseRoot(_ matrix: [[Double]]) -> [[Double]]? {
    let count = matrix.count
    guard
      let decomposition = SymmetricEigendecomposition(
        DoubleMatrix(matrix.flatMap { $0 }, rows: count, columns: count))
    else { return nil }
    let vectors = (0..<count).map { Array(decomposition.vectors.values[$0 * count..<($0 + 1) * count]) }
    let scaled = zip(vectors, decomposition.values).map { vector, value in
      vector.map { $0 / max(value, regularization).squareRoot() }
    }
    return multiply(transpose(vectors), scaled)
  }
}

/// Returns the product of two small matrices, given as rows.
private func multiply(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
  left.map { row in
    (0..<(right.first?.count ?? 0)).map { column in
      zip(row, right).reduce(0) { $0 + $1.0 * $1.1[column] }
    }
  }
}

private func transpose(_ matrix: [[Double]]) -> [[Double]] {
  (0..<(matrix.first?.count ?? 0)).map { column in matrix.map { $0[column] } }
}
