import NumericOracles

/// Derivatives of an operation by central differences in Double.
///
/// An operation with many outputs becomes a scalar by a fixed random projection, which is at the same time
/// the gradient that its adjoint is given.
struct FiniteDifferences {
  /// The step; its square times the third derivative is the error.
  private let step = 1e-5

  /// d<projection, operation(x)>/dx at up to `count` places spread over x.
  func derivatives(
    at x: [Double], projection: [Double], count: Int = 24, of operation: ([Double]) -> [Double]
  ) -> (places: [Int], values: [Double]) {
    // A stride that shares no small factor with the extents visits all channels, rows and columns.
    let places =
      x.count <= count
      ? Array(x.indices) : Array(Set((0..<count).map { ($0 * 7919 + 3) % x.count })).sorted()
    let values = places.map { place in
      var (above, below) = (x, x)
      above[place] += step
      below[place] -= step
      let difference = zip(operation(above), operation(below)).map { $0 - $1 }
      return zip(difference, projection).reduce(0) { $0 + $1.0 * $1.1 } / (2 * step)
    }
    return (places, values)
  }
}

/// How far a gradient is from the derivatives at the places they were taken, relative to the gradient's
/// scale.
func scaledDifference(_ gradient: [Float], _ derivatives: (places: [Int], values: [Double])) -> Double {
  let scale = gradient.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
  let differences = zip(derivatives.places, derivatives.values).map { abs(Double(gradient[$0]) - $1) }
  return differences.reduce(0) { $1.isNaN ? .infinity : max($0, $1) } / Double(scale)
}
