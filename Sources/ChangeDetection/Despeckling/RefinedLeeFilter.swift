import Numerics

/// The refined Lee filter: Lee's, with the half of a 7 x 7 window on the pixel's own side of the edge that
/// runs through it.
///
/// Edges are found in the means of nine 3 x 3 windows: the strongest of four gradients gives the edge's
/// direction, and the side whose mean is nearer to the middle's is the pixel's own.
///
/// - Source: Lee 1981 (doi:10.1016/S0146-664X(81)80018-4).
package struct RefinedLeeFilter: PlaneSource {
  private let source: any PlaneSource
  private let looks: Double
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// - Parameters:
  ///   - source: intensities.
  ///   - looks: equivalent number of looks.
  package init(_ source: any PlaneSource, looks: Double) { (self.source, self.looks) = (source, looks) }

  private static let radius = 3

  package func read(rows: Range<Int>) throws -> Plane {
    // The means of the outer small windows reach as far as the large window does.
    try source.filtered(rows, halo: Self.radius) { plane in
      var result = plane
      result.values.withUnsafeMutableBufferPointer { result in
        nonisolated(unsafe) let result = result
        parallelLoop(plane.height) { row in
          for column in 0..<plane.width where !plane.values[row * plane.width + column].isNaN {
            result[row * plane.width + column] = Float(estimate(plane, row, column))
          }
        }
      }
      return result
    }
  }

  /// Directions across an edge, `(down, right)`: the gradient is that of the 3 x 3 means on either side.
  private static let directions = [(0, 1), (1, 0), (1, 1), (1, -1)]

  private func estimate(_ plane: Plane, _ row: Int, _ column: Int) -> Double {
    let middle = mean(plane, row, column) ?? 0
    var (best, own): (Double, (down: Int, right: Int)?) = (-1, nil)
    for (down, right) in Self.directions {
      guard let one = mean(plane, row - 2 * down, column - 2 * right),
        let other = mean(plane, row + 2 * down, column + 2 * right)
      else { continue }
      if abs(one - other) > best {
        best = abs(one - other)
        own = abs(one - middle) <= abs(other - middle) ? (-down, -right) : (down, right)
      }
    }
    var (sum, squares, count) = (0.0, 0.0, 0.0)
    for down in -Self.radius...Self.radius where (0..<plane.height).contains(row + down) {
      for right in -Self.radius...Self.radius where (0..<plane.width).contains(column + right) {
        // The own half, and the line through the pixel.
        if let own, down * own.down + right * own.right < 0 { continue }
        let value = Double(plane.values[(row + down) * plane.width + column + right])
        guard value.isFinite else { continue }
        sum += value
        squares += value * value
        count += 1
      }
    }
    let mean = sum / count
    let variation = mean > 0 ? max(0, squares / count - mean * mean) / (mean * mean) : 0
    return leeEstimate(
      Double(plane.values[row * plane.width + column]), mean: mean, variation: variation, looks: looks)
  }

  /// Returns the mean of the observed pixels of a 3 x 3 window inside the large one; nil where there is none.
  private func mean(_ plane: Plane, _ row: Int, _ column: Int) -> Double? {
    var (sum, count) = (0.0, 0.0)
    for other in row - 1...row + 1 where (0..<plane.height).contains(other) {
      for across in column - 1...column + 1 where (0..<plane.width).contains(across) {
        let value = Double(plane.values[other * plane.width + across])
        guard value.isFinite else { continue }
        sum += value
        count += 1
      }
    }
    return count > 0 ? sum / count : nil
  }
}
