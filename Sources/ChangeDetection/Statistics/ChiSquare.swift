/// The chi-square distribution.
package struct ChiSquare: Sendable {
  /// Degrees of freedom, at least 1.
  package let degrees: Int

  package init(degrees: Int) {
    precondition(degrees >= 1, "\(degrees) degrees of freedom")
    self.degrees = degrees
  }

  /// Returns the probability of a larger value.
  ///
  /// - Precision: see ``upperIncompleteGamma(halves:_:)``.
  package func survival(_ value: Double) -> Double { upperIncompleteGamma(halves: degrees, value / 2) }

  /// Returns the value that a share of the values lies below, by bisection.
  package func quantile(_ share: Double) -> Double {
    precondition(share >= 0 && share < 1, "the quantile of \(share)")
    var (low, high) = (0.0, Double(degrees) + 1)
    while survival(high) > 1 - share { high *= 2 }
    while high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if middle == low || middle == high { break }
      if survival(middle) > 1 - share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
