import Foundation
import Rasters

/// Puts two scenes into one file, on the grid of the earlier one.
struct PairFiling {
  let before, after: Scene
  /// Where the file goes, and what is needed on the way.
  let folder: URL
  let context: TaskContext

  /// What the grids differ in, nil where they are the same.
  var difference: String? { before.grid.difference(from: after.grid) }

  /// The pair of scenes on one grid.
  func asItIs() throws -> StoredPair { try stored { try after.read($0) } }

  /// The pair with the later scene resampled, and moved by what it lies too far down and right.
  ///
  /// - Throws: `gridMismatch` where the grids differ and either has no position on the map.
  func resampled(down: Double, right: Double, _ kernel: ResampledRaster.Kernel) throws -> StoredPair {
    let raster = try ResampledRaster(
      path: try laterScene().path, on: placed(before.grid), down: down, right: right, kernel: kernel)
    return try stored { try raster.read($0) }
  }

  private func stored(_ later: (Window) throws -> PixelBlock) throws -> StoredPair {
    let (path, bands) = (folder.appendingPathComponent("pair"), before.bandCount)
    try StoredPair.write(to: path, grid: before.grid, bands: bands) { strip in
      try context.checkCancellation()
      return (try before.read(strip), try later(strip))
    }
    return try StoredPair(path: path, grid: before.grid, bands: bands)
  }

  /// The later scene in physical units, as one raster with NaN where it is not valid, for GDAL to resample.
  private func laterScene() throws -> URL {
    let path = folder.appendingPathComponent("later.tif")
    guard !FileManager.default.fileExists(atPath: path.path) else { return path }
    let writer = try RasterWriter(
      path: path.path, grid: placed(after.grid),
      options: .init(type: .float32, bandNames: after.bandNames, noData: .nan, compression: 1))
    for strip in after.grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try context.checkCancellation()
      let block = try after.read(strip)
      for band in 0..<after.bandCount {
        let values = block.valid.indices.map {
          block.valid[$0] ? block.values[band * strip.pixelCount + $0] : .nan
        }
        try writer.write(strip, band: band + 1, values)
      }
    }
    try writer.close()
    return path
  }

  /// Pictures of one size without georeferencing are moved on a map of their own pixels.
  private func placed(_ grid: Grid) -> Grid {
    guard difference == nil, grid.transform == nil else { return grid }
    let transform = GeoTransform(originX: 0, originY: 0, pixelSize: 1)
    return Grid(width: grid.width, height: grid.height, transform: transform, crs: grid.crs)
  }
}
