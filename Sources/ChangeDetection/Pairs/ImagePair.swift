/// Two dates of one place on one grid, read in strips of rows, so that no method holds a whole scene.
///
/// Methods read a pair several times; what they then hold does not grow with its height.
package protocol ImagePair {
  /// Bands of either date.
  var bandCount: Int { get }
  /// Columns.
  var width: Int { get }
  /// Rows.
  var height: Int { get }

  /// Returns the pixels of some rows.
  ///
  /// - Throws: what reading throws.
  func read(rows: Range<Int>) throws -> PairBlock
}

extension ImagePair {
  /// Calls `body` for strips of rows from top to bottom, each of about a million pixels.
  func forEachStrip(_ body: (PairBlock) throws -> Void) throws {
    for rows in strips(height: height, width: width) { try body(read(rows: rows)) }
  }
}

/// Cuts rows into strips of about a million pixels.
func strips(height: Int, width: Int) -> [Range<Int>] {
  let rows = max(1, (1 << 20) / max(1, width))
  return stride(from: 0, to: height, by: rows).map { $0..<min(height, $0 + rows) }
}

/// Some rows of a pair.
package struct PairBlock: Sendable {
  /// `[C, n]`, n pixels row by row; anything where a pixel is not valid.
  package let before, after: [Float]
  /// Whether both dates observed the pixel, `[n]`. Others count in no statistic, and their change is unknown.
  package let valid: [Bool]

  /// - Parameters:
  ///   - before: `[C, n]`, the earlier date.
  ///   - after: `[C, n]`, the later date.
  ///   - valid: `[n]`; a pixel with a value that is not finite is not valid, whatever is said here.
  package init(before: [Float], after: [Float], valid: [Bool]) {
    precondition(
      before.count == after.count && (valid.isEmpty ? before.isEmpty : before.count % valid.count == 0),
      "\(before.count) and \(after.count) values of \(valid.count) pixels")
    var valid = valid
    for values in [before, after] {
      for band in 0..<(valid.isEmpty ? 0 : values.count / valid.count) {
        let start = band * valid.count
        for pixel in valid.indices where !values[start + pixel].isFinite { valid[pixel] = false }
      }
    }
    (self.before, self.after, self.valid) = (before, after, valid)
  }

  /// Creates a block of which it is known that all bands of what was observed are finite.
  package init(before: [Float], after: [Float], observed: [Bool]) {
    precondition(before.count == after.count, "\(before.count) and \(after.count) values")
    (self.before, self.after, valid) = (before, after, observed)
  }

  /// Pixels.
  package var count: Int { valid.count }
}

/// A pair that is held in memory.
package struct PairInMemory: ImagePair, Sendable {
  package let bandCount, width, height: Int
  private let before, after: [Float]
  private let valid: [Bool]

  /// - Parameters:
  ///   - before: `[C, H, W]`, the earlier date.
  ///   - after: `[C, H, W]`, the later date.
  ///   - valid: `[H, W]`; nil where all pixels are.
  package init(before: [Float], after: [Float], valid: [Bool]? = nil, bands: Int, width: Int, height: Int) {
    precondition(
      before.count == bands * width * height && after.count == before.count
        && (valid.map { $0.count == width * height } ?? true),
      "\(before.count) and \(after.count) values for [\(bands), \(height), \(width)]")
    (self.before, self.after) = (before, after)
    self.valid = valid ?? Array(repeating: true, count: width * height)
    (bandCount, self.width, self.height) = (bands, width, height)
  }

  package func read(rows: Range<Int>) -> PairBlock {
    let pixels = rows.lowerBound * width..<rows.upperBound * width
    func cut(_ values: [Float]) -> [Float] {
      (0..<bandCount).flatMap { band in
        let start = band * width * height
        return values[start + pixels.lowerBound..<start + pixels.upperBound]
      }
    }
    return PairBlock(before: cut(before), after: cut(after), valid: Array(valid[pixels]))
  }
}
