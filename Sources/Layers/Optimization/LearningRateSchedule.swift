import Foundation

/// The course of the learning rate from the first step to the last.
public struct LearningRateSchedule: Hashable, Sendable {
  /// The shape after the warm-up.
  public enum Shape: Hashable, Sendable {
    /// The full rate throughout.
    case constant
    /// Half a cosine from the full rate to 0 (Loshchilov & Hutter 2017, arXiv:1608.03983).
    case cosine
    /// Times `factor` at each of `drops` equal parts of the run but the first.
    case step(drops: Int, factor: Double)
    /// (1 - progress)^power; PyTorch's `PolynomialLR`.
    case polynomial(power: Double)
    /// Half a cosine from the full rate to 0, `cycles` times, each `growth` times as long as the one before.
    ///
    /// The first is the run divided by 1 + growth + ... + growth^(cycles - 1), rounded up to a step; the last
    /// ends with the run, even if its rate is not yet 0. With fewer steps than that takes there are fewer
    /// cycles. SGDR, Loshchilov & Hutter 2017, arXiv:1608.03983, and PyTorch's `CosineAnnealingWarmRestarts`;
    /// with growth 1 the cycles of snapshot ensembles, Huang et al. 2017, arXiv:1704.00109.
    case cosineRestarts(cycles: Int, growth: Double = 1)
    /// Half a cosine from the share `start` up to the full rate in the share `rise` of the steps, and half a
    /// cosine from there to the share `end`.
    ///
    /// PyTorch's `OneCycleLR` (Smith & Topin 2017, arXiv:1708.07120); momentum stays as it is.
    case oneCycle(rise: Double = 0.3, start: Double = 1.0 / 25, end: Double = 1e-4 / 25)
    /// Linearly from the share `floor` to the full rate and back, `cycles` times.
    ///
    /// PyTorch's `CyclicLR` in its mode `triangular` (Smith 2017, arXiv:1506.01186).
    case triangular(cycles: Int, floor: Double)
  }

  /// The shape after the warm-up.
  public let shape: Shape
  /// The share of all steps in which the rate climbs linearly to its full height.
  public let warmUp: Double

  /// Creates a schedule; `warmUp` in `0 ..< 1`, shares of the full rate and of the steps in `0 ... 1`, cycles
  /// 1 or more.
  public init(_ shape: Shape, warmUp: Double = 0) {
    (self.shape, self.warmUp) = (shape, warmUp)
    let isPossible =
      switch shape {
      case .constant, .cosine, .step: true
      case .polynomial(let power): power >= 0
      case .cosineRestarts(let cycles, let growth): cycles >= 1 && growth > 0
      case .oneCycle(let rise, let start, let end): [rise, start, end].allSatisfy { (0...1).contains($0) }
      case .triangular(let cycles, let floor): cycles >= 1 && (0...1).contains(floor)
      }
    precondition(isPossible, "there is no schedule \(shape)")
  }

  /// Returns the factor on the full rate at step `step` of `total`, counted from 0.
  public func factor(step: Int, of total: Int) -> Double {
    let climb = warmUp * Double(total)
    if Double(step) < climb { return Double(step + 1) / (climb + 1) }
    let progress = (Double(step) - climb) / max(1, Double(total) - climb)
    let (position, length) = (step - stepsOfWarmUp(total), max(1, total - stepsOfWarmUp(total)))
    switch shape {
    case .constant: return 1
    case .cosine: return 0.5 * (1 + cos(.pi * progress))
    case .step(let drops, let factor): return pow(factor, (progress * Double(drops)).rounded(.down))
    case .polynomial(let power): return pow(max(0, 1 - progress), power)
    case .cosineRestarts(let cycles, let growth):
      return WarmRestarts(cycles: cycles, growth: growth, steps: length).factor(step: position)
    case .oneCycle(let rise, let start, let end):
      // Steps are counted so that the last of either part, not the one after it, has that part's last rate.
      let (peak, last) = (max(0, rise * Double(length) - 1), Double(length - 1))
      let step = Double(position)
      if step < peak { return start + (1 - start) * 0.5 * (1 - cos(.pi * step / peak)) }
      return last > peak ? end + (1 - end) * 0.5 * (1 + cos(.pi * (step - peak) / (last - peak))) : 1
    case .triangular(let cycles, let floor):
      let phase = (Double(position) * Double(cycles) / Double(length)).truncatingRemainder(dividingBy: 1)
      return floor + (1 - floor) * (1 - abs(2 * phase - 1))
    }
  }

  /// Returns the last step of each cycle of a run of `total` steps, counted from 0: after these the rate
  /// starts again, and what has been learned is worth keeping, for an ensemble of snapshots or an average of
  /// weights.
  ///
  /// A shape without cycles has one end, the last step.
  public func cycleEnds(of total: Int) -> [Int] {
    guard total > 0 else { return [] }
    let (first, length) = (stepsOfWarmUp(total), total - stepsOfWarmUp(total))
    switch shape {
    case .constant, .cosine, .step, .polynomial, .oneCycle: return [total - 1]
    case .cosineRestarts(let cycles, let growth):
      guard length > 0 else { return [total - 1] }
      return WarmRestarts(cycles: cycles, growth: growth, steps: length).ends.map { first + $0 - 1 }
    case .triangular(let cycles, _):
      // The first step of cycle k is the least with step x cycles >= k x length.
      let ends = (1...cycles).map { first + ($0 * length + cycles - 1) / cycles - 1 }
      return ends.reduce(into: []) { if $1 >= first && $0.last != $1 { $0.append($1) } }
    }
  }

  /// Steps before the shape begins.
  private func stepsOfWarmUp(_ total: Int) -> Int { Int((warmUp * Double(total)).rounded(.up)) }
}

/// The cycles of ``LearningRateSchedule/Shape/cosineRestarts(cycles:growth:)`` over a run of so many steps.
private struct WarmRestarts {
  /// The end of each cycle, its first step being the end of the one before.
  private let bounds: [Int]
  private let steps: Int

  init(cycles: Int, growth: Double, steps: Int) {
    // The sums 1, 1 + g, 1 + g + g^2, ...
    var sums: [Double] = []
    for _ in 0..<cycles { sums.append(1 + growth * (sums.last ?? 0)) }
    let first = (Double(steps) / sums[cycles - 1]).rounded(.up)
    bounds = sums.map { Int((first * $0).rounded(.up)) }
    self.steps = steps
  }

  /// The steps before which cycles end, the last of them the end of the run.
  var ends: [Int] { bounds.filter { $0 < steps } + [steps] }

  /// Returns the factor on the full rate; steps are counted from 0.
  func factor(step: Int) -> Double {
    let cycle = bounds.firstIndex { step < $0 } ?? bounds.count - 1
    let start = cycle > 0 ? bounds[cycle - 1] : 0
    return 0.5 * (1 + cos(.pi * Double(step - start) / Double(bounds[cycle] - start)))
  }
}
