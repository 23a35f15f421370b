import ChangeDetection
import Foundation
import Rasters
import Scenes

/// A pair whose values lie side by side in a file, uncompressed: methods read it some fifty times.
///
/// Band after band of the earlier date, then of the later one; NaN where either date did not observe the pixel. The file takes
/// 8 bytes a band and pixel.
package struct StoredPair: ImagePair {
  package let bandCount, width, height: Int
  private let file: PositionedFile

  /// Opens a file that ``write(to:grid:bands:_:)`` has written.
  package init(path: URL, grid: Grid, bands: Int) throws {
    file = try PositionedFile(path, writing: false)
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
          try file.read(part, at: start * MemoryLayout<Float>.stride)
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

  /// The pair with means of 3 x 3 pixels, in another file.
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
    let file = try PositionedFile(path, writing: true)
    let height = max(1, min(RasterWriter.tileSize, (1 << 21) / max(1, grid.width)))
    for strip in grid.bounds.strips(ofHeight: height) {
      let (before, after) = try read(strip)
      let seen = zip(before.valid, after.valid).map { $0 && $1 }
      for variable in 0..<2 * bands {
        let start = variable % bands * strip.pixelCount
        let values = (variable < bands ? before : after).values[start..<start + strip.pixelCount]
        let line = zip(values, seen).map { $1 ? $0 : .nan }
        let place = (variable * grid.height + strip.row) * grid.width
        try line.withUnsafeBytes { try file.write($0, at: place * MemoryLayout<Float>.stride) }
      }
    }
  }
}

/// A file that is read and written at places, without a position of its own.
private final class PositionedFile: @unchecked Sendable {
  private let descriptor: Int32
  private let path: String

  package init(_ url: URL, writing: Bool) throws {
    path = url.path
    descriptor = open(path, writing ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw failure(writing ? "create the file of a pair" : "open the file of a pair")
    }
  }

  deinit { close(descriptor) }

  package func read(_ buffer: UnsafeMutableRawBufferPointer, at place: Int) throws {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(place + done))
      guard count > 0 else { throw failure("read the file of a pair") }
      done += count
    }
  }

  package func write(_ buffer: UnsafeRawBufferPointer, at place: Int) throws {
    var done = 0
    while done < buffer.count {
      let count = pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(place + done))
      guard count > 0 else { throw failure("write the file of a pair") }
      done += count
    }
  }

  private func failure(_ attempted: String) -> RasterError {
    RasterError(
      errno == ENOSPC ? .diskFull : .inputOutput, attempted, path: path,
      cause: String(cString: strerror(errno)))
  }
}
