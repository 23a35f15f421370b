import ChangeDetection
import Foundation
import Rasters

/// A pair whose values lie side by side in a file, uncompressed: methods read it some fifty times.
///
/// Each row holds the bands of the earlier date, then those of the later one; NaN where either date did not observe the pixel.
/// The file takes 8 bytes a band and pixel.
struct StoredPair: ImagePair {
  let bandCount, width, height: Int
  private let file: FileHandle

  /// Opens a file that ``write(to:grid:bands:_:)`` has written.
  init(path: URL, grid: Grid, bands: Int) throws {
    file = try FileHandle(forReadingFrom: path)
    (bandCount, width, height) = (bands, grid.width, grid.height)
  }

  private var rowBytes: Int { 2 * bandCount * width * MemoryLayout<Float>.stride }

  func read(rows: Range<Int>) throws -> PairBlock {
    try file.seek(toOffset: UInt64(rows.lowerBound * rowBytes))
    let wanted = rows.count * rowBytes
    let data = try file.read(upToCount: wanted) ?? Data()
    guard data.count == wanted else {
      throw RasterError(.inputOutput, "read rows \(rows) of the pair", cause: "its file is too short")
    }
    let pixels = rows.count * width
    var values = [Float](repeating: 0, count: 2 * bandCount * pixels)
    data.withUnsafeBytes { bytes in
      let stored = bytes.bindMemory(to: Float.self)
      for row in 0..<rows.count {
        for variable in 0..<2 * bandCount {
          let source = (row * 2 * bandCount + variable) * width
          let target = variable * pixels + row * width
          for column in 0..<width { values[target + column] = stored[source + column] }
        }
      }
    }
    let half = bandCount * pixels
    return PairBlock(
      before: Array(values[..<half]), after: Array(values[half...]),
      valid: Array(repeating: true, count: pixels))
  }

  /// The pair with means of 3 x 3 pixels, in another file.
  func smoothed(into path: URL, grid: Grid) throws -> StoredPair {
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
  static func write(
    to path: URL, grid: Grid, bands: Int, _ read: (Window) throws -> (before: PixelBlock, after: PixelBlock)
  ) throws {
    try Data().write(to: path)
    let file = try FileHandle(forWritingTo: path)
    defer { try? file.close() }
    let height = max(1, min(RasterWriter.tileSize, (1 << 21) / max(1, grid.width)))
    for strip in grid.bounds.strips(ofHeight: height) {
      let (before, after) = try read(strip)
      var values = [Float](repeating: .nan, count: 2 * bands * strip.pixelCount)
      for row in 0..<strip.height {
        for variable in 0..<2 * bands {
          let block = variable < bands ? before : after
          let source = variable % bands * strip.pixelCount + row * strip.width
          let target = (row * 2 * bands + variable) * strip.width
          for column in 0..<strip.width {
            let pixel = row * strip.width + column
            if before.valid[pixel] && after.valid[pixel] {
              values[target + column] = block.values[source + column]
            }
          }
        }
      }
      try values.withUnsafeBytes { try file.write(contentsOf: $0) }
    }
  }
}
