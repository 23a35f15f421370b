import Layers
import Tensors

/// Bicubic resampling of a grid of position embeddings, or of an image: one constant matrix an axis, so that
/// gradients reach the embedding.
enum PositionResampling {
  /// Positions are resampled as timm does for images of any size: by PyTorch's antialiased kernel, a = -0.5,
  /// as wide as the larger of the two steps.
  case antialiased
  /// Positions are resampled as torchvision's `interpolate_embeddings` does: corners on corners, a = -0.75.
  case alignedCorners
  /// Positions are resampled as masked autoencoders and TerraMind do: pixels on pixels, a = -0.75, as wide
  /// whatever the steps.
  case halfPixel

  /// Returns the embeddings `[1, h w, D]` of a grid on another grid.
  func callAsFunction(
    _ embedding: Value, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int), in pass: Pass
  ) -> Value {
    if from == to { return embedding }
    let channels = embedding.tensor.shape[2]
    let grid = pass.tape.reshaped(embedding, to: [from.rows, from.columns, channels])
    let alongRows = pass.tape.linear(
      pass.tape.permuted(grid, axes: [2, 0, 1]), weight: matrix(from.columns, to.columns), bias: nil)
    let alongBoth = pass.tape.linear(
      pass.tape.permuted(alongRows, axes: [0, 2, 1]), weight: matrix(from.rows, to.rows), bias: nil)
    return pass.tape.reshaped(
      pass.tape.permuted(alongBoth, axes: [2, 1, 0]), to: [1, to.rows * to.columns, channels])
  }

  /// Returns images `[N, C, H, W]` of another size.
  func callAsFunction(_ images: Value, height: Int, width: Int, in pass: Pass) -> Value {
    let (tape, shape) = (pass.tape, images.tensor.shape)
    if (shape.height, shape.width) == (height, width) { return images }
    let alongRows = tape.linear(images, weight: matrix(shape.width, width), bias: nil)
    let alongBoth = tape.linear(
      tape.permuted(alongRows, axes: [0, 1, 3, 2]), weight: matrix(shape.height, height), bias: nil)
    return tape.permuted(alongBoth, axes: [0, 1, 3, 2])
  }

  /// Returns the weights `[to, from]` of each old place in each new one.
  private func matrix(_ from: Int, _ to: Int) -> Value {
    var weights = Array(repeating: Float(0), count: to * from)
    for place in 0..<to {
      for (source, weight) in self.weights(of: place, from, to) {
        weights[place * from + source] += Float(weight)
      }
    }
    return Value(Tensor(weights, shape: [to, from]))
  }

  private func weights(of place: Int, _ from: Int, _ to: Int) -> [(Int, Double)] {
    switch self {
    case .antialiased:
      let step = Double(from) / Double(to)
      let width = max(step, 1)
      let center = step * (Double(place) + 0.5)
      let first = max(0, Int(center - 2 * width + 0.5))
      let last = min(from, Int(center + 2 * width + 0.5))
      let weights = (first..<last).map {
        Self.cubic((Double($0) - center + 0.5) / width, sharpness: -0.5)
      }
      let sum = weights.reduce(0, +)
      return zip(first..<last, weights).map { ($0, $1 / sum) }
    case .alignedCorners:
      return Self.taps(around: to > 1 ? Double(place) * Double(from - 1) / Double(to - 1) : 0, of: from)
    case .halfPixel:
      return Self.taps(around: Double(from) / Double(to) * (Double(place) + 0.5) - 0.5, of: from)
    }
  }

  /// Returns the four places around `center`, those outside as the nearest inside, and their weights.
  private static func taps(around center: Double, of count: Int) -> [(Int, Double)] {
    let first = Int(center.rounded(.down))
    return (first - 1...first + 2).map {
      (min(max($0, 0), count - 1), cubic(Double($0) - center, sharpness: -0.75))
    }
  }

  /// Returns the value of Keys' convolution kernel.
  private static func cubic(_ distance: Double, sharpness a: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }
}
