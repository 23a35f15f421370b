import CGDAL

/// Removes small regions from a raster of classes.
public enum Sieve {
  /// Gives regions of fewer pixels the value of the largest region beside them, specks and holes alike, the
  /// smallest first: what they then are together is one region, and goes on while it is too small itself.
  ///
  /// Regions touch along sides of pixels. No data stays as it is and takes no part: a small region with
  /// nothing else beside it stays as well. Of regions of one size the one that begins first counts, row by
  /// row from the top.
  ///
  /// GDAL's GDALSieveFilter leaves small regions whose neighbours are all small, a chequerboard as a whole.
  ///
  /// The raster is read three times. Memory holds some 30 bytes a region, and 8 bytes for each place at which
  /// one that is too small touches another.
  ///
  /// - Parameters:
  ///   - path: a raster of bytes with one band, which is changed.
  ///   - smallest: pixels of the smallest region that stays.
  /// - Throws: what opening throws; `inputOutput` or `diskFull` naming the path.
  public static func apply(to path: String, smallest: Int) throws(RasterError) {
    let raster = try Dataset.open(
      path, flags: GDAL_OF_RASTER | GDAL_OF_UPDATE, drivers: ["GTiff"], attempted: "open the raster")
    var regions = SmallRegions(smallest: smallest)
    try raster.forEachRowOfRegions { (row, above) throws(RasterError) in regions.count(row, below: above) }
    regions.addUpNumbers()
    try raster.forEachRowOfRegions { (row, above) throws(RasterError) in regions.touch(row, below: above) }
    regions.merge()
    var strip: [UInt8] = []
    var rows = raster.grid.bounds.strips(ofHeight: RasterWriter.tileSize)[...]
    try raster.forEachRowOfRegions { (row, _) throws(RasterError) in
      strip += regions.values(of: row)
      guard let window = rows.first, strip.count == window.pixelCount else { return }
      try raster.write(window, &strip)
      strip.removeAll(keepingCapacity: true)
      rows.removeFirst()
    }
    try raster.close(attempted: "finish the raster")
  }
}

extension Dataset {
  /// Calls `body` with each row and the one above it, in their order. A region has a number for each of the
  /// points from which it reaches downwards, the same ones each time; numbers follow each other from 0.
  fileprivate func forEachRowOfRegions(
    _ body: (_ row: RegionRow, _ above: RegionRow?) throws(RasterError) -> Void
  ) throws(RasterError) {
    var isNamed: Int32 = 0
    let stated = GDALGetRasterNoDataValue(band(1), &isNamed)
    let noData = isNamed != 0 ? UInt8(exactly: stated) : nil
    var next: Int32 = 0
    var above: RegionRow?
    let width = width
    for window in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      let strip = try read(window)
      for first in stride(from: 0, to: strip.count, by: width) {
        var row = RegionRow(
          values: Array(strip[first..<first + width]), numbers: Array(repeating: -1, count: width))
        for column in 0..<width where row.values[column] != noData {
          if column > 0, row.values[column - 1] == row.values[column] {
            row.numbers[column] = row.numbers[column - 1]
          } else if let above, above.values[column] == row.values[column] {
            row.numbers[column] = above.numbers[column]
          } else {
            row.numbers[column] = next
            next += 1
          }
        }
        try body(row, above)
        above = row
      }
    }
  }

  private func read(_ window: Window) throws(RasterError) -> [UInt8] {
    var values = [UInt8](repeating: 0, count: window.pixelCount)
    try access(GF_Read, window, &values)
    return values
  }

  fileprivate func write(_ window: Window, _ values: inout [UInt8]) throws(RasterError) {
    try access(GF_Write, window, &values)
  }

  private func access(_ direction: GDALRWFlag, _ window: Window, _ values: inout [UInt8]) throws(RasterError)
  {
    let band = band(1)
    try GDALErrors.attempt("remove small regions, \(window)", path: path, code: .inputOutput, strict: true) {
      GDALRasterIO(
        band, direction, Int32(window.column), Int32(window.row), Int32(window.width), Int32(window.height),
        &values, Int32(window.width), Int32(window.height), GDT_Byte, 0, 0) == CE_None ? () : nil
    }
  }
}
