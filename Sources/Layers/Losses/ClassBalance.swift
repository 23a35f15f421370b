import Foundation

/// Class weights from how often classes occur.
public enum ClassBalance {
  /// Returns the weight of each class by the effective number of its labels: (1 - b) / (1 - b^n), scaled so
  /// that those of the classes present have the mean 1.
  ///
  /// With b = 0 all classes present weigh alike; the nearer b is to 1 the nearer the weights come to 1 / n.
  ///
  /// - Parameters:
  ///   - counts: labelled pixels n of each class, `[K]`.
  ///   - beta: b, 0 or more and below 1.
  /// - Returns: `[K]`; a class without labels weighs 0.
  /// - Source: Cui et al. 2019, arXiv:1901.05555.
  public static func effectiveNumber(counts: [Int], beta: Double) -> [Float] {
    precondition(beta >= 0 && beta < 1, "beta is 0 or more and below 1, not \(beta)")
    // 1 - b^n without the cancellation that a b near 1 would bring.
    let raw = counts.map { $0 > 0 ? (1 - beta) / -expm1(Double($0) * log(beta)) : 0 }
    let mean = raw.reduce(0, +) / Double(max(1, counts.filter { $0 > 0 }.count))
    return raw.map { mean > 0 ? Float($0 / mean) : 0 }
  }
}
