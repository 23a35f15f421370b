import Foundation

/// A range of round numbers, for the axis of a chart.
package struct ChartAxis {
  package let low, high, step: Double

  /// Creates the axis that holds some values, from one round number to another.
  package init(_ values: [Double]) {
    // What has no place on an axis is drawn off it.
    let drawn = values.filter { abs($0) < 1e15 }
    var (low, high) = (drawn.min() ?? 0, drawn.max() ?? 0)
    if high - low < 1e-12 { (low, high) = (low - 0.5, high + 0.5) }
    let rough = (high - low) / 5
    let power = pow(10, log10(rough).rounded(.down))
    step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? power * 10
    (self.low, self.high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
  }

  /// Returns the place of a value, 0 at the low end and 1 at the high one.
  package func share(_ value: Double) -> Double { (value - low) / (high - low) }

  /// The places of its marks.
  package var ticks: [Double] { (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step } }

  /// Returns the text of a mark.
  package func text(_ tick: Double) -> String {
    let decimals = max(0, Int((-log10(step)).rounded(.up)))
    return String(format: "%.\(decimals)f", abs(tick) < step / 1e6 ? 0 : tick)
  }
}
