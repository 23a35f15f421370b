import Foundation
import Numerics

/// Frost's filter: a mean whose weights fall off with distance, the faster the more the window varies.
///
/// - Source: Frost, Stiles, Shanmugan & Holtzman 1982 (doi:10.1109/TPAMI.1982.4767223).
package struct FrostFilter: PlaneSource {
  private let source: any PlaneSource
  private let damping: Double
  private let radius: Int
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// - Parameters:
  ///   - source: intensities.
  ///   - damping: how fast weights fall off, times the squared coefficient of variation.
  ///   - radius: of the window; 3 is 7 x 7.
  package init(_ source: any PlaneSource, damping: Double = 2, radius: Int = 3) {
    (self.source, self.damping, self.radius) = (source, damping, radius)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    try source.filtered(rows, halo: radius) { plane in
      let window = SpeckleWindow(plane, radius: radius)
      var result = plane
      result.values.withUnsafeMutableBufferPointer { result in
        nonisolated(unsafe) let result = result
        parallelLoop(plane.height) { row in
          for column in 0..<plane.width where !plane.values[row * plane.width + column].isNaN {
            let variation = window.variation(row * plane.width + column)
            result[row * plane.width + column] = Float(mean(plane, row, column, rate: damping * variation))
          }
        }
      }
      return result
    }
  }

  private func mean(_ plane: Plane, _ row: Int, _ column: Int, rate: Double) -> Double {
    var (sum, weights) = (0.0, 0.0)
    for down in -radius...radius where (0..<plane.height).contains(row + down) {
      for right in -radius...radius where (0..<plane.width).contains(column + right) {
        let value = Double(plane.values[(row + down) * plane.width + column + right])
        guard value.isFinite else { continue }
        let weight = exp(-rate * Double(down * down + right * right).squareRoot())
        sum += weight * value
        weights += weight
      }
    }
    return sum / weights
  }
}
