import Tensors

extension Tensor {
  /// The class with the highest score at each place of plain scores `[N, K, H, W]`, the lowest index where
  /// several tie: `[N, H, W]`.
  package var likeliestClasses: [UInt8] {
    let (classes, plane) = (shape.channels, shape.height * shape.width)
    return withValues { values in
      (0..<shape.batch * plane).map { index in
        let first = index / plane * classes * plane + index % plane
        var best = 0
        for candidate in 1..<classes where values[first + candidate * plane] > values[first + best * plane] {
          best = candidate
        }
        return UInt8(best)
      }
    }
  }
}
