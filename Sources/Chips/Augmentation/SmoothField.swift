import Numerics

/// A random field over a chip that changes slowly, between 0 and 1: independent uniform values at four by
/// four knots from edge to edge, joined by cubics that are level at the knots.
struct SmoothField {
  private static let knots = 4
  private let heights: [Float]

  /// Creates a field of its own.
  package init(random: inout RandomSource) {
    heights = (0..<Self.knots * Self.knots).map { _ in Float(random.uniform()) }
  }

  /// Returns the field at each pixel, `[size, size]`.
  package func values(size: Int) -> [Float] {
    let axis = (0..<size).map { Self.position($0, size: size) }
    return [Float](unsafeUninitializedCapacity: size * size) { result, count in
      var line = [Float](repeating: 0, count: Self.knots)
      for (row, vertical) in axis.enumerated() {
        let first = vertical.knot * Self.knots
        for knot in 0..<Self.knots {
          let (above, below) = (heights[first + knot], heights[first + Self.knots + knot])
          line[knot] = above + (below - above) * vertical.share
        }
        for (column, horizontal) in axis.enumerated() {
          let (left, right) = (line[horizontal.knot], line[horizontal.knot + 1])
          result[row * size + column] = left + (right - left) * horizontal.share
        }
      }
      count = size * size
    }
  }

  /// Returns the knot before a pixel, and the share of the one behind it.
  private static func position(_ pixel: Int, size: Int) -> (knot: Int, share: Float) {
    let place = Float(pixel) / Float(max(1, size - 1)) * Float(knots - 1)
    let knot = min(Int(place), knots - 2)
    return (knot, smoothStep(place - Float(knot)))
  }
}

/// Rises from 0 to 1 by a cubic that is level at both ends: 3x² - 2x³.
@inline(__always)
func smoothStep(_ share: Float) -> Float {
  let x = min(max(share, 0), 1)
  return x * x * (3 - 2 * x)
}
