import Rasters
import Scenes

/// What is made of chips, put back where they were cut from.
extension ChipSet {
  /// A region's labels row by row, and how long a row is.
  package func labels(ofRegion index: Int) -> (values: [UInt8], width: Int) {
    (regions[index].labels, regions[index].window.width)
  }

  /// How many regions the chips are cut from.
  package var regionCount: Int { regions.count }

  /// The region that a pixel of a chip lies in, and its place among the region's labels; nil where the chip reaches beyond its
  /// region, and where the pixel holds no data.
  package func validPlace(of pixel: Int, inChip number: Int) -> (region: Int, place: Int)? {
    let chip = chips[number]
    let region = regions[chip.region]
    let (row, column) = (chip.window.row + pixel / size, chip.window.column + pixel % size)
    guard row >= 0, column >= 0, row < region.window.height, column < region.window.width else { return nil }
    let place = row * region.window.width + column
    return region.pixels.valid[place] ? (chip.region, place) : nil
  }

  /// The same for pixels that are labelled, which lie in their region.
  package func place(of pixel: Int, inChip number: Int) -> (region: Int, place: Int) {
    let chip = chips[number]
    let (row, column) = (chip.window.row + pixel / size, chip.window.column + pixel % size)
    return (chip.region, row * regions[chip.region].window.width + column)
  }

  /// The pixels of a chip, as it is, that lie in its region and hold data, in ascending order.
  package func validPixels(ofChip number: Int) -> [Int] {
    (0..<size * size).filter { validPlace(of: $0, inChip: number) != nil }
  }
}
