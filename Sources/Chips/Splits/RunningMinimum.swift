/// Returns the lowest value around each place of an image `[H, W]`, over the rows and the columns from
/// `before` above or to the left of it to `after` below or to the right; places outside the image have no
/// value.
///
/// With 255 for what is not marked it is a dilation by a rectangle; with `before` equal to `after` by a
/// square, which is to say within a chessboard distance.
///
/// - Complexity: O(H W log(before + after + 1)): the minimum over a length comes from two overlapping ones
///   over a power of 2.
package func runningMinimum(
  _ values: [UInt8], width: Int, height: Int, before: Int, after: Int
) -> [UInt8] {
  precondition(values.count == width * height, "\(values.count) values for \(height) x \(width)")
  guard !values.isEmpty else { return [] }
  let sides = (min(before, width - 1), min(after, width - 1))
  var padded = [UInt8](repeating: 255, count: width + sides.0)
  var result = values
  for row in 0..<height {
    for column in 0..<width { padded[sides.0 + column] = values[row * width + column] }
    forwardMinimum(&padded, lines: padded.count, stride: 1, length: sides.0 + sides.1 + 1)
    for column in 0..<width { result[row * width + column] = padded[column] }
    for column in 0..<sides.0 { padded[column] = 255 }
  }
  let ends = (min(before, height - 1), min(after, height - 1))
  var columns = [UInt8](repeating: 255, count: ends.0 * width) + result
  forwardMinimum(&columns, lines: height + ends.0, stride: width, length: ends.0 + ends.1 + 1)
  return Array(columns.prefix(values.count))
}

/// Replaces each of `lines` lines of `stride` values by the minimum over it and the `length` - 1 lines that
/// follow.
private func forwardMinimum(_ values: inout [UInt8], lines: Int, stride: Int, length: Int) {
  values.withUnsafeMutableBufferPointer { values in
    func fold(by distance: Int) {
      // Upwards in place: what is read has not been replaced yet.
      for index in 0..<max(0, lines - distance) * stride {
        values[index] = min(values[index], values[index + distance * stride])
      }
    }
    var covered = 1
    while 2 * covered <= length {
      fold(by: covered)
      covered *= 2
    }
    if covered < length { fold(by: length - covered) }
  }
}
