import Foundation

extension Histogram {
  /// The border between two normal densities that errs least (minimum error thresholding).
  ///
  /// It minimises 1 + 2 (P1 ln s1 + P2 ln s2) - 2 (P1 ln P1 + P2 ln P2) over shares P and standard deviations
  /// s. Nil where there is no minimum between the ends, which means that no change is visible as a mode of
  /// its own.
  ///
  /// - Source: Kittler & Illingworth 1986 (doi:10.1016/0031-3203(86)90030-0).
  package var kittlerIllingworthThreshold: Double? {
    let criteria = splits.map { below, above in
      guard min(below.weight, above.weight) >= Self.leastShare, below.variance > 0, above.variance > 0
      else { return Double.infinity }
      return 1 + below.weight * log(below.variance) + above.weight * log(above.variance)
        - 2 * (below.weight * log(below.weight) + above.weight * log(above.weight))
    }
    guard let first = criteria.firstIndex(where: \.isFinite),
      let last = criteria.lastIndex(where: \.isFinite),
      let best = criteria.indices.min(by: { criteria[$0] < criteria[$1] }), best > first, best < last
    else { return nil }
    return upperEdge(of: best)
  }

  /// A density of fewer values has no shape.
  private static let leastShare = 1e-4
}
