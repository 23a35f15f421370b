import Foundation

/// How the learning rate goes from the first step to the last.
public struct LearningRateSchedule: Hashable, Sendable {
  /// The shape after the warm-up.
  public enum Shape: Hashable, Sendable {
    /// The full rate throughout.
    case constant
    /// Half a cosine from the full rate to 0 (Loshchilov & Hutter 2017, arXiv:1608.03983).
    case cosine
    /// Times `factor` at each of `drops` equal parts of the run but the first.
    case step(drops: Int, factor: Double)
  }

  /// The shape after the warm-up.
  public let shape: Shape
  /// The share of all steps in which the rate climbs linearly to its full height.
  public let warmUp: Double

  /// A schedule; `warmUp` in `0 ..< 1`.
  public init(_ shape: Shape, warmUp: Double = 0) { (self.shape, self.warmUp) = (shape, warmUp) }

  /// The factor on the full rate at step `step` of `total`, counted from 0.
  public func factor(step: Int, of total: Int) -> Double {
    let climb = warmUp * Double(total)
    if Double(step) < climb { return Double(step + 1) / (climb + 1) }
    let progress = (Double(step) - climb) / max(1, Double(total) - climb)
    switch shape {
    case .constant: return 1
    case .cosine: return 0.5 * (1 + cos(.pi * progress))
    case .step(let drops, let factor): return pow(factor, (progress * Double(drops)).rounded(.down))
    }
  }
}
