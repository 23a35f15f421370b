/// A band made of one or two that are read: `(1 - share) * first + share * second`.
public struct BandMixture: Hashable, Sendable {
  /// Places among the bands that are read.
  public let first, second: Int
  /// The share of the second band in the mixture.
  public let share: Float

  /// Creates a mixture; all of the first where the share is 0.
  public init(first: Int, second: Int, share: Float) {
    (self.first, self.second, self.share) = (first, second, share)
  }
}

extension PixelBlock {
  /// Returns the block with bands made of its own; invalid pixels stay 0.
  package func mixed(by mixtures: [BandMixture]) -> PixelBlock {
    let count = width * height
    var mixed = [Float](repeating: 0, count: mixtures.count * count)
    for (band, mixture) in mixtures.enumerated() {
      let (first, second) = (mixture.first * count, mixture.second * count)
      for pixel in 0..<count {
        let value = values[first + pixel]
        mixed[band * count + pixel] =
          mixture.share == 0 ? value : value + (values[second + pixel] - value) * mixture.share
      }
    }
    return PixelBlock(width: width, height: height, bandCount: mixtures.count, values: mixed, valid: valid)
  }
}
