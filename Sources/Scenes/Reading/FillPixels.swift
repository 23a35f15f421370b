import Numerics
import Rasters

/// The stored pixels of a scene that are fill by the sensor's rule, found before any of them is mixed with
/// its neighbours.
///
/// Fill is where all bands are 0: one dark band is a measurement. Where files have pixels of several sizes
/// the edge of the fill runs through the larger ones, and products store there what they like. So a place is
/// fill for sure where all files store 0, and a pixel of one file that is 0 beside such a place, no further
/// away than the largest pixel, is fill, too.
struct FillPixels {
  /// Pixels of one size, whatever files they come from.
  private struct Level {
    /// Pixels of the file for one of the scene.
    let ratio: (x: Double, y: Double)
    let window: Window
    var isZero: [Bool]
    var members: [Int]
  }

  private var levels: [Level] = []

  /// Finds the fill below one window of the scene.
  package init(_ files: [StoredPixels]) {
    for (index, file) in files.enumerated() {
      let ratio = file.part.ratio ?? (1, 1)
      if let place = levels.firstIndex(where: { $0.ratio == ratio && $0.window == file.window }) {
        levels[place].members.append(index)
        for pixel in file.isZero.indices where !file.isZero[pixel] { levels[place].isZero[pixel] = false }
      } else {
        levels.append(Level(ratio: ratio, window: file.window, isZero: file.isZero, members: [index]))
      }
    }
  }

  /// Hides the fill in the files that it was found in.
  func hide(in files: inout [StoredPixels]) {
    guard levels.allSatisfy({ $0.isZero.contains(true) }) else { return }
    guard levels.count > 1 else {
      let fill = levels[0].isZero.indices.filter { levels[0].isZero[$0] }
      for member in levels[0].members { files[member].hide(fill) }
      return
    }
    let finest = levels.max { $0.ratio.x * $0.ratio.y < $1.ratio.x * $1.ratio.y }!
    let places = Places(where: allZero(on: finest), window: finest.window)
    let reach = (
      x: levels.map { 1 / $0.ratio.x }.max()!, y: levels.map { 1 / $0.ratio.y }.max()!
    )
    for level in levels {
      let fill = level.isZero.indices.filter { index in
        guard level.isZero[index] else { return false }
        let column = Double(level.window.column + index % level.window.width)
        let row = Double(level.window.row + index / level.window.width)
        return places.has(
          columns: (column / level.ratio.x - reach.x)
            * finest.ratio.x...((column + 1) / level.ratio.x + reach.x)
            * finest.ratio.x,
          rows: (row / level.ratio.y - reach.y) * finest.ratio.y...((row + 1) / level.ratio.y + reach.y)
            * finest.ratio.y)
      }
      for member in level.members { files[member].hide(fill) }
    }
  }

  /// Finds the pixels of the finest level where all levels store 0.
  private func allZero(on finest: Level) -> [Bool] {
    var isZero = finest.isZero
    for level in levels {
      let columns = finest.window.columns.map { column in
        let place = Int(bounded: (Double(column) + 0.5) / finest.ratio.x * level.ratio.x)
        return min(max(place, level.window.column), level.window.columns.upperBound - 1) - level.window.column
      }
      for (line, row) in finest.window.rows.enumerated() {
        let place = Int(bounded: (Double(row) + 0.5) / finest.ratio.y * level.ratio.y)
        let below = min(max(place, level.window.row), level.window.rows.upperBound - 1) - level.window.row
        for (column, beside) in columns.enumerated() where !level.isZero[below * level.window.width + beside]
        {
          isZero[line * finest.window.width + column] = false
        }
      }
    }
    return isZero
  }

  /// Marked pixels, and whether a rectangle has one (a table of sums: Crow 1984).
  private struct Places {
    private let window: Window
    private var sums: [Int32]

    package init(where isMarked: [Bool], window: Window) {
      self.window = window
      let width = window.width + 1
      sums = [Int32](repeating: 0, count: width * (window.height + 1))
      for row in 0..<window.height {
        var line: Int32 = 0
        for column in 0..<window.width {
          line += isMarked[row * window.width + column] ? 1 : 0
          sums[(row + 1) * width + column + 1] = sums[row * width + column + 1] + line
        }
      }
    }

    /// Returns whether a pixel of the rectangle is marked; positions are those of the pixels' edges.
    func has(columns: ClosedRange<Double>, rows: ClosedRange<Double>) -> Bool {
      func bounds(_ range: ClosedRange<Double>, _ extent: Range<Int>) -> (Int, Int) {
        let (low, high) = (Double(extent.lowerBound), Double(extent.upperBound))
        let first = Int(bounded: (min(max(range.lowerBound, low), high) + 1e-6).rounded(.down))
        let last = Int(bounded: (min(max(range.upperBound, low), high) - 1e-6).rounded(.up))
        return (first - extent.lowerBound, max(first, last) - extent.lowerBound)
      }
      let (left, right) = bounds(columns, window.columns)
      let (top, bottom) = bounds(rows, window.rows)
      let width = window.width + 1
      return sums[bottom * width + right] - sums[top * width + right] - sums[bottom * width + left]
        + sums[top * width + left] > 0
    }
  }
}
