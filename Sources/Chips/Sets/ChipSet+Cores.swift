import Classes
import Rasters

/// Chips whose middles lie side by side.
extension ChipSet {
  /// Returns the labelled pixels of a chip's middle, its edges where the region ends there: of a set whose
  /// chips overlap by twice the margin each labelled pixel is of one middle.
  ///
  /// - Returns: the places in the chip, ascending, of pixels in its region.
  package func labelledCore(ofChip number: Int, margin: Int) -> [Int] {
    let (chip, region) = (chips[number], labels(ofRegion: chips[number].region))
    let height = region.values.count / region.width
    let columns = core(from: chip.window.column, extent: region.width, margin: margin)
    let rows = core(from: chip.window.row, extent: height, margin: margin)
    return rows.flatMap { row in
      columns.compactMap { column in
        let place = (chip.window.row + row) * region.width + chip.window.column + column
        return region.values[place] == ClassIndex.none ? nil : row * size + column
      }
    }
  }

  /// Returns the places along one axis of a chip that are of its middle.
  private func core(from start: Int, extent: Int, margin: Int) -> Range<Int> {
    let step = size - 2 * margin
    let end = start + size >= extent ? extent - start : size - margin
    // The last chip of a row is moved back: the middle of the one before may reach into it.
    let before = (start - 1) / step * step + size - margin
    return (start == 0 ? 0 : min(before - start, end))..<end
  }
}
