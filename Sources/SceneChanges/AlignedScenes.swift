import ChangeDetection
import Foundation
import Rasters
import Runs
import Scenes

/// Two scenes on the grid of the earlier one, and how well they lie on each other.
package struct AlignedScenes {
  package let pair: StoredPair
  package let grid: Grid
  /// The interpolation that brought the later scene to the grid; nil where it lay on it.
  package private(set) var resampling: ResampledScene.Kernel?
  /// The difference between the grids, in words; nil where they are the same.
  package let difference: String?
  /// The shift between the dates.
  package private(set) var misregistration: Misregistration

  /// A shift that nobody sees, in pixels: the precision of the measurement.
  private static let leastShift = 0.1

  /// Reads both scenes, puts them on one grid, measures their shift, and moves the later one if `aligns`.
  ///
  /// - Parameter folder: where temporary files go; the pair's own stays there.
  /// - Throws: `gridMismatch` where the scenes lie on different grids and either has no position on the map.
  package init(before: Scene, after: Scene, aligns: Bool, in folder: URL, _ context: JobContext) throws {
    let filing = PairFiling(before: before, after: after, folder: folder, context: context)
    grid = before.grid
    difference = filing.difference
    let first: StoredPair
    if difference == nil {
      first = try filing.asItIs()
    } else {
      first = try filing.resampled(down: 0, right: 0, .bilinear)
      resampling = .bilinear
    }
    misregistration = try Misregistration(of: first)
    guard aligns, let shift = misregistration.found, shift.distance >= Self.leastShift else {
      pair = first
      return
    }
    pair = try filing.resampled(down: shift.down, right: shift.right, .cubic)
    resampling = .cubic
    try misregistration.measureRest(of: pair)
  }

  /// The findings about how the dates lie on each other, and what was done about it.
  package var findings: [Finding] {
    misregistration.findings(resampling: resampling)
      + [Finding(.gridDifference, difference)].compactMap(\.self)
  }
}
