import Classes

/// Smooths what two class maps say together: each pixel gets the pair of classes (from, to) whose joint
/// probability, averaged over the pixels around it, is largest.
///
/// Maps of single dates are wrong here and there, and each mistake of either is a change. The dates are taken
/// to be independent given the pixel, so that p(from, to) = p(from) p(to); of each map the likeliest class
/// and its probability are known, the others share the rest alike. Pixels that either date did not observe
/// count nowhere and stay unobserved.
///
/// - Source: the mean filter of class probabilities (Schindler 2012, doi:10.1109/TGRS.2012.2192741), here of
///   those of both dates.
package struct JointSmoothing {
  /// Classes of the maps.
  package let classCount: Int
  /// Pixels to either side; a window has 2 r + 1 rows and columns.
  package let radius: Int

  package init(classCount: Int, radius: Int) {
    precondition(classCount > 1 && radius > 0, "\(classCount) classes within \(radius) pixels")
    (self.classCount, self.radius) = (classCount, radius)
  }

  /// Some rows of a class map.
  package struct Map {
    /// Class indices; anything from the number of classes on is not observed.
    package let classes: [UInt8]
    /// The probability of the class in percent.
    package let confidence: [UInt8]

    package init(classes: [UInt8], confidence: [UInt8]) {
      precondition(
        classes.count == confidence.count, "\(classes.count) classes, \(confidence.count) confidences")
      (self.classes, self.confidence) = (classes, confidence)
    }
  }

  /// Returns the classes of both dates at some rows.
  ///
  /// - Parameters:
  ///   - before: rows of the earlier map, with those around that are there.
  ///   - after: the same rows of the later map.
  ///   - width: pixels of a row.
  ///   - inner: the rows that are wanted, among those given.
  package func smoothed(before: Map, after: Map, width: Int, rows inner: Range<Int>) -> (
    before: [UInt8], after: [UInt8]
  ) {
    let count = before.classes.count
    let wanted = inner.lowerBound * width..<inner.upperBound * width
    let seen = (0..<count).map { before.classes[$0] < classCount && after.classes[$0] < classCount }
    let (from, to) = (probabilities(of: before), probabilities(of: after))
    var classes = (
      before: [UInt8](repeating: ClassIndex.none, count: inner.count * width),
      after: [UInt8](repeating: ClassIndex.none, count: inner.count * width)
    )
    var best = [Double](repeating: -1, count: inner.count * width)
    for first in 0..<classCount {
      for second in 0..<classCount {
        let joint = (0..<count).map { place in
          seen[place] ? from[first * count + place] * to[second * count + place] : 0
        }
        // The number of pixels is the same for all pairs: sums do.
        let sums = windowSums(joint, width: width, height: count / width, radius: radius)
        for (index, sum) in sums[wanted].enumerated()
        where sum > best[index] && seen[wanted.lowerBound + index] {
          (best[index], classes.before[index], classes.after[index]) = (sum, UInt8(first), UInt8(second))
        }
      }
    }
    return classes
  }

  /// Returns the probabilities `[K, n]`; a class that the map does not name gets its share of what is left.
  private func probabilities(of map: Map) -> [Double] {
    let count = map.classes.count
    var values = [Double](repeating: 0, count: classCount * count)
    for place in 0..<count {
      let own = Double(map.confidence[place]) / 100
      let rest = (1 - own) / Double(classCount - 1)
      for index in 0..<classCount {
        values[index * count + place] = Int(map.classes[place]) == index ? own : rest
      }
    }
    return values
  }
}
