/// The map of each band that gives the later date the distribution of the earlier one, over the pixels that both observed.
///
/// What changed counts as well: where much did, its share of the distribution is forced onto what did not. Lines through invariant
/// pixels (``InvariantFeatureLines``) do not have that.
package struct HistogramMatching: DateNormalization {
  /// Quantiles of each band of the later date, rising, and those of the earlier one.
  private let later, earlier: [[Float]]

  /// Quantiles are at every 1/64.
  private static let steps = 64
  /// About so many pixels are looked at.
  private static let sample = 1 << 18

  /// The maps of a pair; nil where no pixel is valid at both dates.
  ///
  /// - Throws: what reading throws.
  package init?(of pair: any ImagePair) throws {
    let step = max(1, Int((Double(pair.width * pair.height) / Double(Self.sample)).squareRoot().rounded(.up)))
    let columns = stride(from: 0, to: pair.width, by: step)
    var values = [[Float]](repeating: [], count: 2 * pair.bandCount)
    try pair.forEachStrip { block in
      for row in stride(from: 0, to: block.count / pair.width, by: step) {
        for pixel in columns.map({ row * pair.width + $0 }) where block.valid[pixel] {
          for band in 0..<pair.bandCount {
            values[band].append(block.before[band * block.count + pixel])
            values[pair.bandCount + band].append(block.after[band * block.count + pixel])
          }
        }
      }
    }
    guard !values[0].isEmpty else { return nil }
    let quantiles = values.map { values in
      let sorted = values.sorted()
      return (0...Self.steps).map { sorted[$0 * (sorted.count - 1) / Self.steps] }
    }
    (earlier, later) = (Array(quantiles[..<pair.bandCount]), Array(quantiles[pair.bandCount...]))
  }

  package func callAsFunction(_ value: Float, band: Int) -> Float {
    let (from, to) = (later[band], earlier[band])
    guard value > from[0] else { return to[0] + value - from[0] }
    // The first quantile that is not below the value.
    var (low, high) = (0, from.count)
    while low < high {
      let middle = (low + high) / 2
      if from[middle] < value { low = middle + 1 } else { high = middle }
    }
    guard low < from.count else { return to.last! + value - from.last! }
    let share = (value - from[low - 1]) / max(from[low] - from[low - 1], .leastNormalMagnitude)
    return to[low - 1] + share * (to[low] - to[low - 1])
  }
}
