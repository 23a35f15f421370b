import Tensors

/// An image of even extents as four of half the size, by even and odd rows and columns: what a stride of 2
/// makes dense.
struct StridePhases {
  /// Channels in a block: two bands with four phases each.
  static let block = Lanes.scalarCount

  let bands: Int
  /// Rows and columns of a phase.
  let height, width: Int

  /// Four a band, filled up to whole blocks.
  var channels: Int { (bands + 1) / 2 * Self.block }

  var storedCount: Int { channels * height * width }

  /// Splits a plain image `[bands, 2 height, 2 width]` into `[channels / 8, height, width, 8]`: channel 4
  /// band + 2 (row % 2) + column % 2.
  func split(_ image: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let plane = 4 * height * width
    for pair in 0..<channels / Self.block {
      let first = image + 2 * pair * plane
      // The last pair may have one band: the first stands in for the second while reading, and 0 is stored.
      let hasSecond = 2 * pair + 1 < bands
      let second = hasSecond ? first + plane : first
      for row in 0..<height {
        let line = target + (pair * height + row) * width * Self.block
        let (upper1, upper2) = (first + 4 * row * width, second + 4 * row * width)
        let (lower1, lower2) = (upper1 + 2 * width, upper2 + 2 * width)
        for column in 0..<width {
          let (left, right) = (2 * column, 2 * column + 1)
          var lanes = Lanes(
            upper1[left], upper1[right], lower1[left], lower1[right], upper2[left], upper2[right],
            lower2[left],
            lower2[right])
          if !hasSecond { lanes.highHalf = .zero }
          write(lanes, line + column * Self.block)
        }
      }
    }
  }

  /// Filters `[K, C, 7, 7]` of stride 2 and padding 3 as `[K, 4 C, 4, 4]` of stride 1 over the phases,
  /// padding 2 before.
  ///
  /// Tap k of an axis reads input 2 o + k - 3 = 2 (o + t - 2) + p for phase p: k = 2 t + p - 1, and phase 0
  /// has no tap at t = 0.
  static func filters(_ weight: Tensor) -> Tensor {
    let (filters, bands) = (weight.shape[0], weight.shape[1])
    let result = Tensor(repeating: 0, shape: [filters, 4 * bands, 4, 4])
    for filter in 0..<filters * bands {
      for phase in 0..<4 {
        for tap in 0..<16 {
          let (row, column) = (2 * (tap / 4) + phase / 2 - 1, 2 * (tap % 4) + phase % 2 - 1)
          guard row >= 0 && column >= 0 else { continue }
          result.hostValues[(filter * 4 + phase) * 16 + tap] =
            weight.hostValues[filter * 49 + row * 7 + column]
        }
      }
    }
    return result
  }
}
