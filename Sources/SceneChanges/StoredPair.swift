import ChangeDetection
import Foundation
import Host
import Rasters
import Scenes

/// A pair whose values lie side by side in a file, uncompressed: methods read it some fifty times.
///
/// Band after band of the earlier date, then of the later one; NaN where either date did not observe the
/// pixel. The file takes 8 bytes a band and pixel.
package struct StoredPair: ImagePair {
  package let bandCount, width, height: Int
  private let file: PositionedFile

  /// Opens a file that ``write(to:grid:bands:_:)`` has written.
  package init(path: URL, grid: Grid, bands: Int) throws {
    file = try Self.attempt("open") { () throws(SystemError) in try PositionedFile(path.path, writing: false)
    }
    (bandCount, width, height) = (bands, grid.width, grid.height)
  }

  package func read(rows: Range<Int>) throws -> PairBlock {
    let pixels = rows.count * width
    func date(_ first: Int) throws -> [Float] {
      try [Float](unsafeUninitializedCapacity: bandCount * pixels) { buffer, count in
        for band in 0..<bandCount {
          let part = UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[
              band * pixels * MemoryLayout<Float>.stride..<(band + 1) * pixels * MemoryLayout<Float>.stride])
          let start = ((first + band) * height + rows.lowerBound) * width
          try Self.attempt("read") { () throws(SystemError) in
            try file.read(part, at: start * MemoryLayout<Float>.stride)
          }
        }
        count = bandCount * pixels
      }
    }
    let before = try date(0)
    // What is not observed is NaN in all bands of both dates.
    let observed = [Bool](unsafeUninitializedCapacity: pixels) { buffer, count in
      for pixel in 0..<pixels { buffer[pixel] = !before[pixel].isNaN }
      count = pixels
    }
    return PairBlock(before: before, after: try date(bandCount), observed: observed)
  }

  /// Returns the pair with means of 3 x 3 pixels, in another file.
  package func smoothed(into path: URL, grid: Grid) throws -> StoredPair {
    let smooth = SmoothedPair(self)
    try Self.write(to: path, grid: grid, bands: bandCount) { strip in
      let block = try smooth.read(rows: strip.rows)
      func pixels(_ values: [Float]) -> PixelBlock {
        PixelBlock(
          width: strip.width, height: strip.height, bandCount: bandCount, values: values, valid: block.valid)
      }
      return (pixels(block.before), pixels(block.after))
    }
    return try StoredPair(path: path, grid: grid, bands: bandCount)
  }

  /// Writes a pair strip by strip.
  ///
  /// - Parameter read: the two dates of some rows.
  package static func write(
    to path: URL, grid: Grid, bands: Int, _ read: (Window) throws -> (before: PixelBlock, after: PixelBlock)
  ) throws {
    let file = try attempt("create") { () throws(SystemError) in try PositionedFile(path.path, writing: true)
    }
    let height = max(1, min(RasterWriter.tileSize, (1 << 21) / max(1, grid.width)))
    for strip in grid.bounds.strips(ofHeight: height) {
      let (before, after) = try read(strip)
      let seen = zip(before.valid, after.valid).map { $0 && $1 }
      for variable in 0..<2 * bands {
        let start = variable % bands * strip.pixelCount
        let values = (variable < bands ? before : after).values[start..<start + strip.pixelCount]
        let line = zip(values, seen).map { $1 ? $0 : .nan }
        let place = (variable * grid.height + strip.row) * grid.width
        try attempt("write") { () throws(SystemError) in
          try file.write(line, at: place * MemoryLayout<Float>.stride)
        }
      }
    }
  }

  private static func attempt<Result>(
    _ attempted: String, _ body: () throws(SystemError) -> Result
  ) throws(RasterError) -> Result {
    do { return try body() } catch {
      throw RasterError(
        error.isDiskFull ? .diskFull : .inputOutput, "\(attempted) the file of a pair", path: error.path,
        cause: error.reason)
    }
  }
}
