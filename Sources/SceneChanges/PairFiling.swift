import Foundation
import Rasters
import Runs
import Scenes

/// Puts two scenes into one file, on the grid of the earlier one.
struct PairFiling {
  package let before, after: Scene
  /// The directory of the file.
  package let folder: URL
  package let context: JobContext

  /// The difference between the grids, in words; nil where they are the same.
  package var difference: String? { before.grid.difference(from: after.grid) }

  /// Returns the pair of scenes on one grid.
  func asItIs() throws -> StoredPair { try stored { try after.read($0) } }

  /// Returns the pair with the later scene resampled, and moved by what it lies too far down and right.
  ///
  /// - Throws: `gridMismatch` where the grids differ and either has no position on the map.
  func resampled(down: Double, right: Double, _ kernel: ResampledScene.Kernel) throws -> StoredPair {
    let raster = try ResampledScene(after, on: before.grid, down: down, right: right, kernel: kernel)
    return try stored { try raster.read($0) }
  }

  private func stored(_ later: (Window) throws -> PixelBlock) throws -> StoredPair {
    let (path, bands) = (folder.appendingPathComponent("pair"), before.bandCount)
    try StoredPair.write(to: path, grid: before.grid, bands: bands) { strip in
      try context.checkCancellation()
      defer { context.progress.advance(by: strip.height) }
      return (try before.read(strip), try later(strip))
    }
    return try StoredPair(path: path, grid: before.grid, bands: bands)
  }
}
