/// The memory of a batch while it is made.
struct BatchPixels {
  package let count, bands, size: Int
  /// `[N, C, size, size]`, normalised.
  package let values: UnsafeMutableBufferPointer<Float>
  /// `[N, size, size]`: which pixels hold data.
  package let valid: UnsafeMutableBufferPointer<Bool>
  /// `[N, size, size]`: class indices.
  let targets: UnsafeMutableBufferPointer<UInt8>

  /// One chip of the batch.
  func chip(_ index: Int) -> ChipPixels {
    let plane = size * size
    return ChipPixels(
      bands: bands, size: size,
      values: .init(rebasing: values[index * bands * plane..<(index + 1) * bands * plane]),
      valid: .init(rebasing: valid[index * plane..<(index + 1) * plane]),
      targets: .init(rebasing: targets[index * plane..<(index + 1) * plane]))
  }
}

/// The memory of one chip of a batch.
///
/// A pixel that is not valid is 0 in every band and ``ClassIndex/none``.
package struct ChipPixels {
  package let bands, size: Int
  /// `[C, size, size]`, normalised.
  package let values: UnsafeMutableBufferPointer<Float>
  /// `[size, size]`.
  package let valid: UnsafeMutableBufferPointer<Bool>
  /// `[size, size]`.
  let targets: UnsafeMutableBufferPointer<UInt8>

  /// Returns the bands of one of `count` dates, all of a date before those of the next.
  func date(_ index: Int, of count: Int) -> ChipPixels {
    let values = values.count / count
    return ChipPixels(
      bands: bands / count, size: size,
      values: .init(rebasing: self.values[index * values..<(index + 1) * values]), valid: valid,
      targets: targets)
  }

  /// Returns the values of one band, `[size, size]`.
  package func plane(_ band: Int) -> UnsafeMutableBufferPointer<Float> {
    .init(rebasing: values[band * size * size..<(band + 1) * size * size])
  }
}
