extension Histogram {
  /// The border of two classes that lie farthest apart for how wide they are (Otsu).
  ///
  /// Where several borders are as good, the middle one; nil where all values are the same.
  ///
  /// - Source: Otsu 1979 (doi:10.1109/TSMC.1979.4310076).
  package var otsuThreshold: Double? {
    let splits = splits
    var (best, bins): (Double, [Int]) = (0, [])
    for (bin, split) in splits.enumerated() where split.below.weight > 0 && split.above.weight > 0 {
      let distance = split.above.mean - split.below.mean
      let between = split.below.weight * split.above.weight * distance * distance
      if between > best * (1 + 1e-12) { (best, bins) = (between, []) }
      if between >= best * (1 - 1e-12) { bins.append(bin) }
    }
    return best > 0 ? upperEdge(of: bins[bins.count / 2]) : nil
  }

  /// One side of a border.
  struct Side {
    /// Share of the values.
    var weight = 0.0
    var mean = 0.0
    var variance = 0.0
  }

  /// The two sides of the upper border of each bin but the last.
  var splits: [(below: Side, above: Side)] {
    let total = Double(self.total)
    func sides(_ bins: some Sequence<Int>) -> [Side] {
      var (weight, sum, squares) = (0.0, 0.0, 0.0)
      return bins.map { bin in
        // Around the middle of the range, so that squares cancel little.
        let value = centre(of: bin) - (range.lowerBound + range.upperBound) / 2
        let share = Double(counts[bin]) / total
        weight += share
        sum += share * value
        squares += share * value * value
        guard weight > 0 else { return Side() }
        let mean = sum / weight
        return Side(weight: weight, mean: mean, variance: max(0, squares / weight - mean * mean))
      }
    }
    let below = sides(counts.indices)
    let above = Array(sides(counts.indices.reversed()).reversed())
    return (0..<counts.count - 1).map { (below[$0], above[$0 + 1]) }
  }
}
