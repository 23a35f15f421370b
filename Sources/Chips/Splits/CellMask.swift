import Classes
import Rasters

/// Marks on the cells of a rectangle of one coordinate system.
struct CellMask: Sendable {
  /// The number of the coordinate system.
  let system: Int
  /// The cells that can be marked; none outside is.
  package let window: Window
  /// 0 where marked, else 255; row by row.
  private(set) var marks: [UInt8]

  /// Creates a mask without any mark.
  package init(system: Int, window: Window) {
    (self.system, self.window) = (system, window)
    marks = [UInt8](repeating: 255, count: window.pixelCount)
  }

  /// Marks all cells that labelled pixels of a region cover in part.
  mutating func mark(_ labels: [UInt8], at placement: CellPlacement) {
    for place in labels.indices where labels[place] != ClassIndex.none {
      guard let cells = placement.footprint(of: place).intersection(window) else { continue }
      for row in cells.rows {
        for column in cells.columns { marks[index(column: column, row: row)] = 0 }
      }
    }
  }

  /// Marks all cells from `before` left of and above a marked one to `after` right of and below it.
  mutating func spread(before: Int, after: Int) {
    marks = runningMinimum(marks, width: window.width, height: window.height, before: after, after: before)
  }

  /// Returns whether any of the cells is marked.
  func touches(_ cells: Window) -> Bool {
    guard let cells = cells.intersection(window) else { return false }
    return cells.rows.contains { row in
      cells.columns.contains { marks[index(column: $0, row: row)] == 0 }
    }
  }

  /// Returns the place of the mark of a cell of the window.
  package func index(column: Int, row: Int) -> Int {
    (row - window.row) * window.width + column - window.column
  }
}
