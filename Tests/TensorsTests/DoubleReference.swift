import Tensors

/// An array `[N, C, H, W]` of Doubles: what the definitions of the operations are written on, loop by loop.
struct DoubleArray {
  let shape: Shape
  var values: [Double]

  init(_ shape: Shape, _ values: [Double]) { (self.shape, self.values) = (shape, values) }

  init(zeros shape: Shape) { self.init(shape, Array(repeating: 0, count: shape.count)) }

  init(_ tensor: Tensor) { self.init(tensor.shape, tensor.values.map(Double.init)) }

  /// The element at image, channel, row and column.
  subscript(n: Int, c: Int, y: Int, x: Int) -> Double {
    get { values[((n * shape[1] + c) * shape[2] + y) * shape[3] + x] }
    set { values[((n * shape[1] + c) * shape[2] + y) * shape[3] + x] = newValue }
  }

  /// Calls `body` for each place, row-major.
  func forEachPlace(_ body: (Int, Int, Int, Int) -> Void) {
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        for y in 0..<shape[2] { for x in 0..<shape[3] { body(n, c, y, x) } }
      }
    }
  }
}

/// The operations by their definitions.
enum DoubleReference {
  static func convolution(
    _ input: DoubleArray, weight: DoubleArray, bias: [Double]?, kernel: SlidingKernel
  ) -> DoubleArray {
    let size = (kernel.positions(along: input.shape.height), kernel.positions(along: input.shape.width))
    var result = DoubleArray(zeros: [input.shape.batch, weight.shape[0], size.0, size.1])
    DoubleArray(zeros: result.shape).forEachPlace { n, k, y, x in
      var sum = bias?[k] ?? 0
      for c in 0..<input.shape.channels {
        for v in 0..<kernel.size {
          let row = y * kernel.stride - kernel.padding + v
          guard row >= 0 && row < input.shape.height else { continue }
          for u in 0..<kernel.size {
            let column = x * kernel.stride - kernel.padding + u
            guard column >= 0 && column < input.shape.width else { continue }
            sum += input[n, c, row, column] * weight[k, c, v, u]
          }
        }
      }
      result[n, k, y, x] = sum
    }
    return result
  }

  /// Mean and biased variance of each channel.
  static func moments(_ input: DoubleArray) -> (mean: [Double], variance: [Double]) {
    let channels = input.shape.channels
    let count = Double(input.shape.count / channels)
    var mean = Array(repeating: 0.0, count: channels)
    var variance = mean
    input.forEachPlace { n, c, y, x in mean[c] += input[n, c, y, x] / count }
    input.forEachPlace { n, c, y, x in
      let difference = input[n, c, y, x] - mean[c]
      variance[c] += difference * difference / count
    }
    return (mean, variance)
  }

  static func normalization(
    _ input: DoubleArray, scale: [Double], shift: [Double], mean: [Double], variance: [Double],
    epsilon: Double,
    relu: Bool
  ) -> DoubleArray {
    var result = input
    input.forEachPlace { n, c, y, x in
      let value = (input[n, c, y, x] - mean[c]) / (variance[c] + epsilon).squareRoot() * scale[c] + shift[c]
      result[n, c, y, x] = relu ? max(0, value) : value
    }
    return result
  }

  static func maxPooling(_ input: DoubleArray, kernel: SlidingKernel) -> DoubleArray {
    let size = (kernel.positions(along: input.shape.height), kernel.positions(along: input.shape.width))
    var result = DoubleArray(zeros: [input.shape.batch, input.shape.channels, size.0, size.1])
    DoubleArray(zeros: result.shape).forEachPlace { n, c, y, x in
      var best = -Double.infinity
      for row in y * kernel.stride - kernel.padding..<y * kernel.stride - kernel.padding + kernel.size {
        for column in x * kernel.stride - kernel.padding..<x * kernel.stride - kernel.padding + kernel.size
        where row >= 0 && row < input.shape.height && column >= 0 && column < input.shape.width {
          best = max(best, input[n, c, row, column])
        }
      }
      result[n, c, y, x] = best
    }
    return result
  }

  static func nearest(_ input: DoubleArray, height: Int, width: Int) -> DoubleArray {
    var result = DoubleArray(zeros: [input.shape.batch, input.shape.channels, height, width])
    DoubleArray(zeros: result.shape).forEachPlace { n, c, y, x in
      result[n, c, y, x] = input[n, c, y * input.shape.height / height, x * input.shape.width / width]
    }
    return result
  }
}
