import Tensors

/// Test-time augmentation: a window seen as it is, mirrored either way and both ways, and the mean of what a
/// network makes of these.
struct MirroredViews {
  private let network: any PreparedInference

  init(_ network: any PreparedInference) { self.network = network }

  /// Returns the bytes that mirrored views take beside one view's image, scores and probabilities: the window
  /// as it is, and the sum.
  static func bytes(_ network: any PreparedInference) -> Int {
    (network.inputShape.count + network.outputShape.count) * MemoryLayout<Float>.stride
  }

  private static let views = [(false, false), (false, true), (true, false), (true, true)]

  /// Returns the mean answer for a plain window `[1, C, H, W]`, plain `[1, K, H, W]`, which turns back with
  /// the window that it is for.
  ///
  /// - Parameter answers: what scores stand for.
  func answer(_ window: Tensor, _ answers: (Tensor) -> Tensor) -> Tensor {
    let share = 1 / Float(Self.views.count)
    return Tensor(shape: network.outputShape) { sum in
      sum.update(repeating: 0)
      let sum = sum.baseAddress!
      for (turnsRows, turnsColumns) in Self.views {
        let image = Tensor(shape: window.shape) { image in
          let image = image.baseAddress!
          forEachPixel(of: window, mirrored: turnsRows, turnsColumns) { image[$0] = $1 }
        }
        forEachPixel(of: answers(network(image)), mirrored: turnsRows, turnsColumns) {
          sum[$0] += share * $1
        }
      }
    }
  }

  /// Calls `body` with each value of planes `[1, C, H, W]` and the place that it has when they are mirrored.
  @inline(__always)
  private func forEachPixel(
    of planes: Tensor, mirrored turnsRows: Bool, _ turnsColumns: Bool, _ body: (Int, Float) -> Void
  ) {
    let (height, width) = (planes.shape.height, planes.shape.width)
    planes.withValues { values in
      for row in 0..<planes.shape.channels * height {
        let (plane, line) = row.quotientAndRemainder(dividingBy: height)
        let start = (plane * height + (turnsRows ? height - 1 - line : line)) * width
        for column in 0..<width {
          body(start + (turnsColumns ? width - 1 - column : column), values[row * width + column])
        }
      }
    }
  }
}
