import Chips
import Rasters
import Tensors

/// The answer for one chip of a slide.
package struct ChipAnswer: Sendable {
  /// The place of the chip among the chips of the scene, from 0.
  package let row, column: Int
  /// The part of the scene that the chip shows.
  package let window: Window
  /// The probability of each class.
  package let probabilities: [Float]

  /// Creates the answer for a chip.
  package init(row: Int, column: Int, window: Window, probabilities: [Float]) {
    (self.row, self.column, self.window) = (row, column, window)
    self.probabilities = probabilities
  }
}

/// A row of chips, or the part of one that a panel has.
package struct ChipTablePart: AssembledPart {
  /// The chips that have an answer.
  package let chips: [ChipAnswer]
  /// Valid pixels of the scene in the chips, each once.
  package let pixels: Int

  /// A row of chips.
  package init(chips: [ChipAnswer], pixels: Int) { (self.chips, self.pixels) = (chips, pixels) }
}

/// Lines up the answers of windows that lie side by side.
///
/// A chip counts where half of its pixels or more are valid, as in training, and its answer is finite. The
/// last chip of a row or column is moved back to end with the scene.
package final class ChipTable: Assembler {
  private let columns, rows: WindowPlan
  private var panel: Panel
  private var answers: [Int: [Float]] = [:]

  init(columns: WindowPlan, rows: WindowPlan, panel: Panel) {
    (self.columns, self.rows, self.panel) = (columns, rows, panel)
  }

  /// Returns the bytes that a table holds: the answers of one row of windows.
  static func bytes(panels: [Panel], classes: Int) -> Int {
    panels.map(\.windows.count).max()! * (classes * MemoryLayout<Float>.stride + 64)
  }

  package func begin(_ next: Panel) { panel = next }

  package func add(_ answer: Tensor, windowRow: Int, windowColumn: Int) {
    answers[windowColumn] = answer.values
  }

  package func finish(windowRow: Int, validity: (Int) -> ArraySlice<Bool>) -> ChipTablePart {
    defer { answers = [:] }
    var (chips, pixels) = ([ChipAnswer](), 0)
    for column in panel.windows {
      guard let answer = answers[column], answer.allSatisfy(\.isFinite) else { continue }
      let window = Window(
        column: columns.starts[column], row: rows.starts[windowRow],
        width: min(columns.size, columns.extent), height: min(rows.size, rows.extent))
      guard 2 * valid(in: window, validity) >= window.pixelCount else { continue }
      chips.append(
        ChipAnswer(row: windowRow, column: column, window: window, probabilities: answer))
      pixels += valid(in: own(window, row: windowRow, column: column), validity)
    }
    return ChipTablePart(chips: chips, pixels: pixels)
  }

  /// Returns the part of a window that no window before it has.
  private func own(_ window: Window, row: Int, column: Int) -> Window {
    let left = column > 0 ? max(window.column, columns.starts[column - 1] + columns.size) : window.column
    let top = row > 0 ? max(window.row, rows.starts[row - 1] + rows.size) : window.row
    return Window(
      column: left, row: top, width: window.column + window.width - left,
      height: window.row + window.height - top)
  }

  private func valid(in window: Window, _ validity: (Int) -> ArraySlice<Bool>) -> Int {
    window.rows.reduce(0) { sum, row in
      let line = validity(row)
      let start = line.startIndex + window.column - panel.covered.lowerBound
      return sum + line[start..<start + window.width].count { $0 }
    }
  }
}
