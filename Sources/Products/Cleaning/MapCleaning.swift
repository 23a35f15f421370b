import Classes
import Foundation
import Rasters
import Runs
import Settings

/// A cleaning of class maps before they are published: pixels get the class that the pixels around say, then
/// small regions that of the largest region beside them.
///
/// What has no class keeps none and gives none; the confidence is left as the network has it.
package struct MapCleaning: Sendable, Hashable {
  /// Pixels to either side whose classes decide with a pixel's own; 0 for none.
  package let smoothing: Int
  /// The smallest region that stays; nil where all do.
  package let smallest: Area?

  /// Creates a cleaning; nil where nothing is cleaned.
  package init?(smoothing: Int, smallest: Area?) {
    if smoothing == 0 && smallest == nil { return nil }
    (self.smoothing, self.smallest) = (smoothing, smallest)
  }

  /// Returns the pixels of the smallest region that stays on a grid.
  ///
  /// - Parameter subject: what is cleaned, for the message.
  /// - Throws: `CleaningFailure` where the area is one on the ground and the grid is not in metres.
  package func smallestRegion(on grid: Grid, of subject: String) throws(CleaningFailure) -> Int {
    guard let smallest else { return 1 }
    guard let pixels = smallest.smallestRegion(ofPixels: grid.pixelAreaInSquareMetres) else {
      throw .notInMetres(subject)
    }
    return min(pixels, Int(Int32.max))
  }

  /// Writes the cleaned map of a raster of class indices.
  ///
  /// - Parameters:
  ///   - confidence: the percentages of the map's classes; asked for where it is smoothed.
  ///   - classCount: the number of the map's classes.
  ///   - path: the raster that is written.
  ///   - smallest: the pixels of the smallest region that stays.
  ///   - isCancelled: throws where the run has been asked to end.
  /// - Throws: what reading and writing rasters throws.
  func write(
    _ classes: RasterFile, confidence: () throws -> RasterFile, classCount: Int, to path: String,
    smallest: Int, isCancelled: () throws -> Void
  ) throws {
    let grid = classes.grid
    let writer = try RasterWriter(
      path: path, grid: grid,
      options: .init(
        type: .byte, bandNames: ["class index"], noData: Double(ClassIndex.none), compression: 1))
    let votes = smoothing > 0 ? try confidence() : nil
    for window in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try isCancelled()
      guard let votes else {
        try writer.write(window, try classes.readValues(window, band: 1) as [UInt8])
        continue
      }
      let around = window.grown(by: smoothing).intersection(grid.bounds)!
      let first = window.row - around.row
      try writer.write(
        window,
        ClassSmoothing(classCount: classCount, radius: smoothing).smoothed(
          classes: try classes.readValues(around, band: 1), confidence: try votes.readValues(around, band: 1),
          width: around.width, rows: first..<first + window.height))
    }
    try writer.close()
    if smallest > 1 { try Sieve.apply(to: path, smallest: smallest) }
  }
}

/// The reason why a map cannot be cleaned.
package enum CleaningFailure: ExitCoded, Hashable {
  /// The minimum mapping unit is an area on the ground, and the map of this subject is not in metres.
  case notInMetres(String)

  /// One sentence.
  package var description: String {
    switch self {
    case .notInMetres(let subject):
      "\(subject): a minimum mapping unit in hectares or square metres needs a map in metres; "
        + "a number alone is pixels"
    }
  }

  /// The exit code: 65.
  package var exitCode: ExitCode { .badData }
}
