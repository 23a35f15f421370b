import Numerics
import Rasters

/// The blocks that a scene is stored in: its files give whole ones, whatever part of them is read.
public struct StoredBlocks: Hashable, Sendable {
  /// A band, or all bands of a file whose blocks hold them together.
  private struct Part: Hashable {
    /// Columns and rows of a block in pixels of the file, and the file's columns and rows.
    package let width, height, extent, rows: Int
    /// Bytes of a pixel.
    let pixel: Int
    /// Pixels of the file for one of the scene.
    let ratio: Double

    init(width: Int, height: Int, extent: Int, rows: Int, pixel: Int, ratio: Double) {
      (self.width, self.height, self.extent, self.rows) = (width, height, extent, rows)
      (self.pixel, self.ratio) = (pixel, ratio)
    }

    init(bands: [RasterBand], of file: RasterFile, ratio: Double) {
      self.init(
        width: bands[0].blockSize.width, height: bands[0].blockSize.height, extent: file.grid.width,
        rows: file.grid.height, pixel: bands.reduce(0) { $0 + $1.bytesPerPixel }, ratio: ratio)
    }
  }

  private let parts: [Part]

  /// Blocks of one size that lie on the scene's own grid.
  ///
  /// - Parameters:
  ///   - extent: columns of the scene.
  ///   - bytesPerPixel: of all bands together, as they are stored.
  public init(width: Int, height: Int, extent: Int, bytesPerPixel: Int) {
    parts = [Part(width: width, height: height, extent: extent, rows: 0, pixel: bytesPerPixel, ratio: 1)]
  }

  /// The blocks of a scene's files and of its masks.
  ///
  /// - Parameter masks: the bands of masks, with their pixels for one of the scene.
  init(_ parts: [ScenePart], masks: [(file: RasterFile, band: Int, ratio: Double)]) {
    let ofMasks = masks.map { Part(bands: [$0.file.bands[$0.band - 1]], of: $0.file, ratio: $0.ratio) }
    self.parts =
      ofMasks
      + parts.flatMap { part in
        // Bands that share the blocks are decoded together, also those that nobody wants.
        let stored =
          part.file.isInterleavedByPixel ? [part.file.bands] : part.indices.map { [part.file.bands[$0 - 1]] }
        return stored.map { Part(bands: $0, of: part.file, ratio: part.ratio?.x ?? 1) }
      }
  }

  /// The width of the widest block, in pixels of the scene.
  public var width: Int { parts.map { Int(bounded: (Double($0.width) / $0.ratio).rounded(.up)) }.max()! }

  /// The height of the tallest block, in pixels of the scene.
  public var height: Int { parts.map { Int(bounded: (Double($0.height) / $0.ratio).rounded(.up)) }.max()! }

  /// Bytes of what libraries keep of each block of the files, read or not: where it lies, and how long it is.
  public var indexBytes: Int {
    parts.reduce(0) { sum, part in
      let across = (part.extent + part.width - 1) / part.width
      return sum + across * ((part.rows + part.height - 1) / part.height) * 16
    }
  }

  /// Returns the bytes of all blocks that a few rows of `columns` pixels touch, decoded.
  ///
  /// Where files have pixels of several sizes, values are mixed from pixels around a row: near the edge of
  /// two rows of blocks it touches both, in each file.
  public func bytes(across columns: Int) -> Int {
    let isMixed = parts.contains { $0.ratio != 1 }
    return parts.reduce(0) { sum, part in
      // Some pixels in a row touch one block more than they fill, however they lie.
      let pixels = Int(bounded: (Double(columns) * part.ratio).rounded(.up))
      let blocks = min(
        (pixels + part.width - 2) / part.width + 1, (part.extent + part.width - 1) / part.width)
      let down = isMixed && part.rows > part.height ? 2 : 1
      return sum + down * blocks * part.width * part.height * part.pixel
    }
  }
}
