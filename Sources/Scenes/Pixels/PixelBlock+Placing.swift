import Rasters

extension PixelBlock {
  /// Returns the block in the middle of a larger window; what lies outside is invalid.
  func padded(from inner: Window, to outer: Window) -> PixelBlock {
    var block = PixelBlock(invalid: outer, bandCount: bandCount)
    block.place(self, of: inner, in: outer)
    return block
  }

  /// Replaces a part of the block, which is that of window `outer`, by the block of a window within.
  package mutating func place(_ part: PixelBlock, of inner: Window, in outer: Window) {
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
