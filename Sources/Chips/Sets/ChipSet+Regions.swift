import Rasters
import Scenes

/// Results for chips, put back where the chips were cut from.
extension ChipSet {
  /// Returns a region's labels row by row, and how long a row is.
  package func labels(ofRegion index: Int) -> (values: [UInt8], width: Int) {
    (regions[index].labels, regions[index].window.width)
  }

  /// The number of regions that the chips are cut from.
  package var regionCount: Int { regions.count }

  /// Returns the pixels of a chip, as it is, that lie in its region and hold data, in ascending order.
  package func validPixels(ofChip number: Int) -> [Int] {
    let chip = chips[number]
    let pixels = regions[chip.region].pixels
    guard let inside = chip.window.intersection(pixels.bounds) else { return [] }
    let valid = pixels.read(inside).valid
    return valid.indices.filter { valid[$0] }.map { place in
      (inside.row - chip.window.row + place / inside.width) * size + inside.column - chip.window.column
        + place % inside.width
    }
  }

  /// Returns the region that a pixel of a chip lies in, and its place among the region's labels.
  package func place(of pixel: Int, inChip number: Int) -> (region: Int, place: Int) {
    let chip = chips[number]
    let (row, column) = (chip.window.row + pixel / size, chip.window.column + pixel % size)
    return (chip.region, row * regions[chip.region].window.width + column)
  }
}
