import Numerics
import Rasters

/// What hides each pixel of a window of a mask: 0 where nothing does, else the code of a word.
struct MaskPlane {
  let window: Window
  private var codes: [UInt8]

  /// Creates a plane in which nothing is hidden.
  init(window: Window) {
    self.window = window
    codes = [UInt8](repeating: 0, count: window.pixelCount)
  }

  /// Writes a code at marked pixels, and at those whose middles are no further from the middle of a marked one
  /// than some pixels across and down.
  mutating func mark(_ isMarked: [Bool], _ code: UInt8, grown reach: (x: Double, y: Double)) {
    let (width, height) = (window.width, window.height)
    let down = min(Int(bounded: reach.y), height)
    // For each row of the reach, how far it goes to either side.
    let sides = (0...down).map { row -> Int in
      let share = reach.y > 0 ? Double(row) / reach.y : 0
      return Int(bounded: reach.x * max(0, 1 - share * share).squareRoot())
    }
    for row in 0..<height {
      var column = row * width
      let end = column + width
      while column < end {
        guard isMarked[column] else {
          column += 1
          continue
        }
        let start = column - row * width
        while column < end, isMarked[column] { column += 1 }
        for (distance, side) in sides.enumerated() {
          let places = max(0, start - side)..<min(width, column - row * width + side)
          for other in distance == 0 ? [row] : [row - distance, row + distance]
          where (0..<height).contains(other) {
            for place in places { codes[other * width + place] = code }
          }
        }
      }
    }
  }

  /// Returns the code of the weightiest word of a rectangle, the least; 0 where nothing is hidden.
  func weightiest(columns: Range<Int>, rows: Range<Int>) -> UInt8 {
    if columns.count == 1, rows.count == 1 {
      return codes[(rows.lowerBound - window.row) * window.width + columns.lowerBound - window.column]
    }
    var found: UInt8 = 0
    for row in rows {
      let line = (row - window.row) * window.width - window.column
      for column in columns where codes[line + column] != 0 {
        if found == 0 || codes[line + column] < found { found = codes[line + column] }
      }
    }
    return found
  }
}
