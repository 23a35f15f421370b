import Rasters

/// What is made of chips, put back where they were cut from.
extension ChipSet {
  /// A region's labels row by row, and how long a row is.
  package func labels(ofRegion index: Int) -> (values: [UInt8], width: Int) {
    (regions[index].labels, regions[index].window.width)
  }

  /// How many regions the chips are cut from.
  package var regionCount: Int { regions.count }

  /// The region that a pixel of a chip lies in, and its place among the region's labels; only for pixels that are labelled,
  /// because a chip may reach beyond its region.
  package func place(of pixel: Int, inChip number: Int) -> (region: Int, place: Int) {
    let chip = chips[number]
    let (row, column) = (chip.window.row + pixel / size, chip.window.column + pixel % size)
    return (chip.region, row * regions[chip.region].window.width + column)
  }
}
