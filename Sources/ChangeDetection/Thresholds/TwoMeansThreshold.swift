extension Histogram {
  /// The border half-way between the means of what lies on either side of it (k-means with two clusters); nil
  /// where all values are the same.
  ///
  /// Starts from the middle of the range, as clusters that hold the smallest and the largest value.
  ///
  /// - Source: Lloyd 1982 (doi:10.1109/TIT.1982.1056489); Ridler & Calvard 1978 for one dimension.
  package var twoMeansThreshold: Double? {
    guard range.lowerBound < range.upperBound else { return nil }
    let (splits, middle) = (splits, (range.lowerBound + range.upperBound) / 2)
    var bin = counts.count / 2 - 1
    // A border moves in one direction only until it stays, at most through all bins.
    for _ in counts {
      let split = splits[bin]
      guard split.below.weight > 0, split.above.weight > 0 else { break }
      let border = (split.below.mean + split.above.mean) / 2 + middle
      let next = max(0, min(splits.count - 1, Int((border - range.lowerBound) / binWidth) - 1))
      if next == bin { return border }
      bin = next
    }
    return upperEdge(of: bin)
  }
}
