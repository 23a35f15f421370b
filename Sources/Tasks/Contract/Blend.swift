import Chips
import Foundation

/// The weighting by which windows that overlap share a pixel.
public enum Blend: String, CaseIterable, Hashable, Sendable {
  /// A raised cosine: full weight in the middle of a window, little at its edge.
  case hann
  /// A triangle: full weight in the middle of a window, falling in a straight line to its edge.
  case linear
  /// The same weight for all pixels of a window.
  case uniform

  /// Returns the weight of each pixel of a window, all above 0: a pixel that only one window's edge covers
  /// still counts in full, because weights are divided by their sum.
  public func weights(size: Int) -> [Float] {
    (0..<size).map { index in
      switch self {
      case .hann:
        let sine = sin(.pi * (Double(index) + 0.5) / Double(size))
        return Float(sine * sine)
      case .linear: return Float(min(index + 1, size - index)) / Float((size + 1) / 2)
      case .uniform: return 1
      }
    }
  }

  /// Returns the sum over a plan's windows of the weight at each pixel of the axis.
  public func sums(over plan: WindowPlan) -> [Float] {
    let weights = weights(size: plan.size)
    var sums = [Float](repeating: 0, count: plan.extent)
    for start in plan.starts {
      for index in 0..<min(plan.size, plan.extent - start) { sums[start + index] += weights[index] }
    }
    return sums
  }
}
