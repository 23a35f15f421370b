import ChangeDetection
import Foundation
import Rasters
import Runs

/// A plane that has been written to a raster, NaN where nothing was observed.
package struct StoredPlane: PlaneSource {
  private let file: RasterFile
  private let band: Int
  package var width: Int { file.grid.width }
  package var height: Int { file.grid.height }

  /// - Parameter band: from 1 on.
  package init(path: String, band: Int = 1) throws { (file, self.band) = (try RasterFile(path: path), band) }

  package func read(rows: Range<Int>) throws -> Plane {
    let window = Window(column: 0, row: rows.lowerBound, width: width, height: rows.count)
    return Plane(width: width, values: try file.readValues(window, band: band))
  }

  /// Computes a plane into a new raster.
  package static func write(
    _ source: any PlaneSource, to path: String, grid: Grid, band: String, _ context: JobContext
  )
    throws
  {
    let writer = try RasterWriter(
      path: path, grid: grid, options: .init(type: .float32, bandNames: [band], noData: .nan, compression: 1))
    try source.forEachStrip { plane, row in
      try context.checkCancellation()
      try writer.write(Window(column: 0, row: row, width: plane.width, height: plane.height), plane.values)
    }
    try writer.close()
  }
}
