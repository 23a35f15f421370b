/// The counts of a plane's values in bins of equal width from the smallest to the largest.
package struct Histogram: Sendable {
  /// Observed values in each bin.
  package let counts: [Int]
  /// The smallest and the largest value.
  package let range: ClosedRange<Double>

  /// Bins enough for thresholds even where few pixels are far off.
  package static let standardBinCount = 1024

  /// Creates the histogram of what was observed; nil where nothing was.
  ///
  /// - Throws: what reading throws.
  package init?(of source: any PlaneSource, bins: Int = standardBinCount) throws {
    var (low, high) = (Float.infinity, -Float.infinity)
    try source.forEachStrip { plane, _ in
      for value in plane.values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    }
    guard low <= high else { return nil }
    var counts = [Int](repeating: 0, count: bins)
    let scale = low < high ? Double(bins) / (Double(high) - Double(low)) : 0
    try source.forEachStrip { plane, _ in
      for value in plane.values where value.isFinite {
        counts[min(bins - 1, Int((Double(value) - Double(low)) * scale))] += 1
      }
    }
    self.counts = counts
    range = Double(low)...Double(high)
  }

  /// Creates a histogram of known counts.
  package init(counts: [Int], range: ClosedRange<Double>) { (self.counts, self.range) = (counts, range) }

  /// Width of a bin.
  package var binWidth: Double { (range.upperBound - range.lowerBound) / Double(counts.count) }

  /// Returns the value in the middle of a bin.
  package func centre(of bin: Int) -> Double { range.lowerBound + (Double(bin) + 0.5) * binWidth }

  /// Returns the border between a bin and the next one.
  package func upperEdge(of bin: Int) -> Double { range.lowerBound + Double(bin + 1) * binWidth }

  /// Observed values.
  package var total: Int { counts.reduce(0, +) }

  /// Returns the value that a share of the values lies below, interpolated within a bin.
  package func quantile(_ share: Double) -> Double {
    let wanted = share * Double(total)
    var below = 0.0
    for (bin, count) in counts.enumerated() where count > 0 {
      if below + Double(count) >= wanted {
        return upperEdge(of: bin) - (1 - (wanted - below) / Double(count)) * binWidth
      }
      below += Double(count)
    }
    return range.upperBound
  }
}
