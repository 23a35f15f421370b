import Rasters

/// Heights of a rectangle of an elevation model, in memory.
struct ElevationPatch: Sendable {
  /// The rectangle, in cells of its sheet.
  let window: Window
  /// `[H, W]` in metres; NaN where nothing is known.
  let values: [Float]

  /// The least and the greatest height; nil where there is none.
  var heights: ClosedRange<Double>? {
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in values where !value.isNaN { (low, high) = (min(low, value), max(high, value)) }
    return low <= high ? Double(low)...Double(high) : nil
  }

  /// Returns the height at a place of the sheet, bilinear; NaN where less than half of the weight is on cells
  /// whose height is known.
  ///
  /// - Parameters:
  ///   - column: cells from the outer corner of the sheet's first cell; a cell's middle is at its half.
  ///   - row: likewise.
  @inline(__always)
  func height(column: Double, row: Double) -> Double {
    let x = column - 0.5 - Double(window.column)
    let y = row - 0.5 - Double(window.row)
    guard x > -1, y > -1, x < Double(window.width), y < Double(window.height) else { return .nan }
    let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    let (u, v) = (x - Double(left), y - Double(top))
    if left >= 0, top >= 0, left + 1 < window.width, top + 1 < window.height {
      let place = top * window.width + left
      let (a, b) = (Double(values[place]), Double(values[place + 1]))
      let (c, d) = (Double(values[place + window.width]), Double(values[place + window.width + 1]))
      let upper = a + (b - a) * u
      let height = upper + (c + (d - c) * u - upper) * v
      if !height.isNaN { return height }
    }
    return partialHeight(left, top, u, v)
  }

  @inline(never)
  private func partialHeight(_ left: Int, _ top: Int, _ u: Double, _ v: Double) -> Double {
    var (sum, weights) = (0.0, 0.0)
    for (row, down) in [(top, 1 - v), (top + 1, v)] where (0..<window.height).contains(row) {
      for (column, across) in [(left, 1 - u), (left + 1, u)] where (0..<window.width).contains(column) {
        let value = values[row * window.width + column]
        guard !value.isNaN else { continue }
        sum += down * across * Double(value)
        weights += down * across
      }
    }
    return weights >= 0.5 - 1e-9 ? sum / weights : .nan
  }
}
