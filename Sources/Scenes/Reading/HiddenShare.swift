import Numerics
import Rasters

/// The share of each pixel of a window that lies on hidden stored pixels.
struct HiddenShare {
  private let target: Window
  /// `[H, W]` of the target.
  private var shares: [Double]

  /// Differences of areas that are rounding.
  private static let slack = 1e-6

  /// - Parameters:
  ///   - hidden: `[H, W]` of `window`, in pixels of the file.
  ///   - ratio: pixels of the file for one of the scene, across and down.
  package init(of hidden: [Bool], _ window: Window, under target: Window, ratio: (x: Double, y: Double)) {
    self.target = target
    let columns = Self.covers(of: target.columns, ratio: ratio.x, within: window.columns)
    let rows = Self.covers(of: target.rows, ratio: ratio.y, within: window.rows)
    shares = [Double](repeating: 0, count: target.pixelCount)
    var across = [Double](repeating: 0, count: target.width)
    var known: Int?
    for (row, cover) in rows.enumerated() {
      for (offset, weight) in cover.weights.enumerated() where weight > 0 {
        let line = cover.first + offset
        if known != line {
          Self.sum(hidden, line: line * window.width, columns, into: &across)
          known = line
        }
        for column in 0..<target.width { shares[row * target.width + column] += weight * across[column] }
      }
    }
  }

  /// Calls with the place of each pixel of which less than half is measured.
  func forEachMostlyHidden(_ body: (Int) -> Void) {
    for index in shares.indices where shares[index] > 0.5 + Self.slack { body(index) }
  }

  /// The stored pixels below one column or row, and the share of it that lies on each.
  private struct Cover {
    package let first: Int
    let weights: [Double]
  }

  private static func covers(of targets: Range<Int>, ratio: Double, within stored: Range<Int>) -> [Cover] {
    targets.map { target in
      // What is less than a rounding error of the next pixel is none of it.
      let (start, end) = (Double(target) * ratio, Double(target + 1) * ratio)
      let first = min(
        max(Int(bounded: (start + slack).rounded(.down)), stored.lowerBound), stored.upperBound - 1)
      let last = min(max(Int(bounded: (end - slack).rounded(.up)) - 1, first), stored.upperBound - 1)
      let weights = (first...last).map { place in
        max(0, min(end, Double(place + 1)) - max(start, Double(place)))
      }
      let sum = weights.reduce(0, +)
      return Cover(first: first - stored.lowerBound, weights: sum > 0 ? weights.map { $0 / sum } : [1])
    }
  }

  private static func sum(_ hidden: [Bool], line: Int, _ columns: [Cover], into across: inout [Double]) {
    for (column, cover) in columns.enumerated() {
      var sum = 0.0
      for (offset, weight) in cover.weights.enumerated() where hidden[line + cover.first + offset] {
        sum += weight
      }
      across[column] = sum
    }
  }
}
