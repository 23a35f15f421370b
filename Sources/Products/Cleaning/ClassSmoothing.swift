import Classes

/// Smooths a class map: each pixel gets the class whose probability, averaged over the pixels around it, is
/// largest.
///
/// Of each pixel the class and its probability are known; the other classes share the rest alike, as they do
/// where maps of two dates are compared. With K classes a pixel whose class has the probability c then gives
/// that class (K c - 1) / (K - 1) more than any other, so that the mean's largest class is that of a vote in
/// which a pixel counts K c - 1: whole numbers, whose sums do not depend on their order.
///
/// - A class that no pixel of the neighbourhood has is never chosen.
/// - Of classes with the same votes the pixel's own stays, else the first of the list counts.
/// - A pixel without a class stays one, and has no vote. At the border of a map fewer pixels vote.
///
/// - Source: the mean filter of class probabilities (Schindler 2012, doi:10.1109/TGRS.2012.2192741).
package struct ClassSmoothing: Sendable {
  /// Classes of the map.
  package let classCount: Int
  /// Pixels to either side; a neighbourhood has 2 r + 1 rows and columns.
  package let radius: Int

  /// Creates the filter of a neighbourhood.
  package init(classCount: Int, radius: Int) {
    precondition(
      (1..<255).contains(classCount) && radius > 0, "\(classCount) classes within \(radius) pixels")
    (self.classCount, self.radius) = (classCount, radius)
  }

  /// Returns the classes of some rows.
  ///
  /// - Parameters:
  ///   - classes: class indices `[H, W]` of the rows and those around that there are; anything from the
  ///     number of classes on is none.
  ///   - confidence: the probability of each class in percent, 0 to 100; of a pixel without a class it does
  ///     not count.
  ///   - width: pixels of a row.
  ///   - inner: the rows that are wanted, among those given.
  package func smoothed(classes: [UInt8], confidence: [UInt8], width: Int, rows inner: Range<Int>) -> [UInt8]
  {
    precondition(
      classes.count == confidence.count && classes.count.isMultiple(of: width),
      "\(classes.count) classes, \(confidence.count) confidences in rows of \(width)")
    let height = classes.count / width
    let votes = zip(classes, confidence).map { Int32($0) < classCount ? vote($1) : 0 }
    // The votes of each class in the rows of the neighbourhood, column by column: [W, K].
    var columns = [Int32](repeating: 0, count: width * classCount)
    func turn(_ row: Int, by sign: Int32) {
      for column in 0..<width where classes[row * width + column] < classCount {
        let place = row * width + column
        columns[column * classCount + Int(classes[place])] += sign * votes[place]
      }
    }
    var smoothed = [UInt8](repeating: ClassIndex.none, count: inner.count * width)
    var held = max(0, inner.lowerBound - radius)..<max(0, inner.lowerBound - radius)
    for row in inner {
      let wanted = max(0, row - radius)..<min(height, row + radius + 1)
      for new in held.upperBound..<wanted.upperBound { turn(new, by: 1) }
      for old in held.lowerBound..<wanted.lowerBound { turn(old, by: -1) }
      held = wanted
      choose(classes, row: row, width: width, columns, &smoothed, at: (row - inner.lowerBound) * width)
    }
    return smoothed
  }

  /// Returns the vote of a pixel, K c - 1 times a hundred; one that is no surer than chance has none.
  private func vote(_ confidence: UInt8) -> Int32 {
    max(0, Int32(classCount) * Int32(min(100, confidence)) - 100)
  }

  /// Chooses the classes of a row from the votes in its columns.
  private func choose(
    _ classes: [UInt8], row: Int, width: Int, _ columns: [Int32], _ smoothed: inout [UInt8], at first: Int
  ) {
    var sums = [Int32](repeating: 0, count: classCount)
    columns.withUnsafeBufferPointer { columns in
      sums.withUnsafeMutableBufferPointer { sums in
        func turn(_ column: Int, by sign: Int32) {
          for index in 0..<classCount { sums[index] &+= sign &* columns[column * classCount + index] }
        }
        for column in 0..<min(radius, width) { turn(column, by: 1) }
        for column in 0..<width {
          if column + radius < width { turn(column + radius, by: 1) }
          if column > radius { turn(column - radius - 1, by: -1) }
          let own = classes[row * width + column]
          guard own < classCount else { continue }
          var best = Int(own)
          for index in 0..<classCount where sums[index] > sums[best] { best = index }
          smoothed[first + column] = UInt8(best)
        }
      }
    }
  }
}
