extension Window {
  /// Strips of whole blocks from top to bottom, and of each its parts from left to right where a strip has
  /// more than `limit` pixels: what is read at once is bounded whatever the raster's width. A part is one
  /// block at least.
  ///
  /// - Parameters:
  ///   - block: columns and rows of a block; blocks begin at multiples of them.
  ///   - height: rows of a strip, a multiple of the block's.
  package func parts(alongBlocks block: RasterBand.BlockSize, height: Int, limit: Int) -> some Sequence<
    Window
  > {
    let across = max(1, limit / max(1, height) / block.width) * block.width
    return stride(from: row, to: row + self.height, by: height).lazy.flatMap { top in
      stride(from: column, to: column + width, by: across).lazy.map { left in
        Window(
          column: left, row: top, width: min(across, column + width - left),
          height: min(height, row + self.height - top))
      }
    }
  }

  /// The upper and lower half, or of a single row the left and right one; itself where it is a single pixel.
  package var halves: [Window] {
    if height > 1 {
      return [
        Window(column: column, row: row, width: width, height: height / 2),
        Window(column: column, row: row + height / 2, width: width, height: height - height / 2),
      ]
    }
    guard width > 1 else { return [self] }
    return [
      Window(column: column, row: row, width: width / 2, height: height),
      Window(column: column + width / 2, row: row, width: width - width / 2, height: height),
    ]
  }
}
