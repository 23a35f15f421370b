import Foundation

/// The cycles of ``LearningRateSchedule/Shape/cosineRestarts(cycles:growth:)`` over a run of so many steps.
struct WarmRestarts {
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
