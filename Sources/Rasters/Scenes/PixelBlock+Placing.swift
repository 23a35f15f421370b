extension PixelBlock {
  /// The block in the middle of a larger window; what lies outside is invalid.
  func padded(from inner: Window, to outer: Window) -> PixelBlock {
    var block = PixelBlock(invalid: outer, bandCount: bandCount)
    block.place(self, of: inner, in: outer)
    return block
  }

  /// Replaces a part of the block, which is that of window `outer`, by the block of a window within.
  mutating func place(_ part: PixelBlock, of inner: Window, in outer: Window) {
    let left = inner.column - outer.column
    for row in 0..<inner.height {
      let target = (row + inner.row - outer.row) * outer.width + left
      valid.replaceSubrange(
        target..<target + inner.width, with: part.valid[row * inner.width..<(row + 1) * inner.width])
      for band in 0..<bandCount {
        let start = (band * inner.height + row) * inner.width
        let place = band * outer.pixelCount + target
        values.replaceSubrange(place..<place + inner.width, with: part.values[start..<start + inner.width])
      }
    }
  }
}

extension Window {
  /// The upper and lower half, or of a single row the left and right one; itself where it is a single pixel.
  var halves: [Window] {
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
