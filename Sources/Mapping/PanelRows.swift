import Chips
import Rasters
import Scenes

/// Rows of a panel that are in use.
///
/// A copy shares the pixels: a thread reads what ``covering(_:)`` gives it while another loads and releases
/// rows.
struct PanelRows: Sendable {
  private let grid: Grid
  /// The columns of the scene that the panel covers.
  private let columns: Range<Int>
  private var strips: [SceneStrip] = []

  /// Creates a panel of which no row is loaded yet.
  init(grid: Grid, columns: Range<Int>) { (self.grid, self.columns) = (grid, columns) }

  /// Makes all rows before `row` available, besides those that are.
  mutating func load(before row: Int, from reader: SceneReader) throws {
    while strips.last.map(\.end) ?? 0 < row { strips.append(try reader.next()) }
  }

  /// Drops strips that end before `row`, but for the last one, after which loading goes on.
  mutating func release(before row: Int) {
    strips = strips.filter { $0.end > row } + (strips.last.map { $0.end <= row ? [$0] : [] } ?? [])
  }

  /// Returns the rows that hold some loaded ones, and no more.
  func covering(_ wanted: Range<Int>) -> PanelRows {
    var part = self
    part.strips = strips.filter { $0.firstRow < wanted.upperBound && $0.end > wanted.lowerBound }
    return part
  }

  /// Returns the validity of each pixel of a loaded row of the panel.
  func validity(of row: Int) -> ArraySlice<Bool> {
    let strip = strip(holding: row)
    let start = (row - strip.firstRow) * columns.count
    return strip.block.valid[start..<start + columns.count]
  }

  /// Returns whether any pixel of a window is valid.
  func hasValid(column: Int, row: Int, width: Int, height: Int) -> Bool {
    let inside = column - columns.lowerBound..<min(column + width, columns.upperBound) - columns.lowerBound
    return (row..<min(row + height, grid.height)).contains { row in
      let validity = validity(of: row)
      return inside.contains { validity[validity.startIndex + $0] }
    }
  }

  /// Copies a window, mirrored where it reaches beyond the scene, to `[C, height, width]`.
  func copy(column: Int, row: Int, width: Int, height: Int, into target: UnsafeMutablePointer<Float>) {
    let inner = min(width, grid.width - column)
    let first = column - columns.lowerBound
    let mirrored = (inner..<max(inner, width)).map {
      Mirror.place(column + $0, extent: grid.width) - columns.lowerBound
    }
    for line in 0..<height {
      let place = Mirror.place(row + line, extent: grid.height)
      let block = strip(holding: place).block
      let local = place - strip(holding: place).firstRow
      block.values.withUnsafeBufferPointer { values in
        for band in 0..<block.bandCount {
          let source = values.baseAddress! + (band * block.height + local) * columns.count
          let destination = target + (band * height + line) * width
          destination.update(from: source + first, count: inner)
          for (offset, from) in mirrored.enumerated() { destination[inner + offset] = source[from] }
        }
      }
    }
  }

  private func strip(holding row: Int) -> SceneStrip {
    let place = strips.first.map { row / SceneStrip.height - $0.firstRow / SceneStrip.height } ?? -1
    precondition(strips.indices.contains(place), "row \(row) is not loaded")
    return strips[place]
  }
}
