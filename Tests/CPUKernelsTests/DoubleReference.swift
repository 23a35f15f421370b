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
    let (filters, channels) = (weight.shape[0], weight.shape[1])
    let filtersOfGroup = filters / (input.shape.channels / channels)
    return everyPlace(of: kernel.shape(over: input.shape, channels: filters)) { n, k, y, x in
      var sum = bias?[k] ?? 0
      for (v, row) in taps(kernel.rows, at: y, of: input.shape.height) {
        for (u, column) in taps(kernel.columns, at: x, of: input.shape.width) {
          for c in 0..<channels {
            sum += input[n, k / filtersOfGroup * channels + c, row, column] * weight[k, c, v, u]
          }
        }
      }
      return sum
    }
  }

  /// The taps of a kernel at a position that lie on the image, and on which pixels.
  private static func taps(_ axis: SlidingKernel.Axis, at position: Int, of extent: Int) -> [(Int, Int)] {
    (0..<axis.size).map { ($0, position * axis.stride - axis.before + $0 * axis.dilation) }
      .filter { $0.1 >= 0 && $0.1 < extent }
  }

  private static func everyPlace(of shape: Shape, _ value: (Int, Int, Int, Int) -> Double) -> DoubleArray {
    var result = DoubleArray(zeros: shape)
    DoubleArray(zeros: shape).forEachPlace { n, c, y, x in result[n, c, y, x] = value(n, c, y, x) }
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
    everyPlace(of: kernel.shape(over: input.shape, channels: input.shape.channels)) { n, c, y, x in
      pixels(input, kernel, n, c, y, x).max()!
    }
  }

  /// The zeros of the padding count.
  static func averagePooling(_ input: DoubleArray, kernel: SlidingKernel) -> DoubleArray {
    everyPlace(of: kernel.shape(over: input.shape, channels: input.shape.channels)) { n, c, y, x in
      pixels(input, kernel, n, c, y, x).reduce(0, +) / Double(kernel.area)
    }
  }

  private static func pixels(
    _ input: DoubleArray, _ kernel: SlidingKernel, _ n: Int, _ c: Int, _ y: Int, _ x: Int
  ) -> [Double] {
    taps(kernel.rows, at: y, of: input.shape.height).flatMap { _, row in
      taps(kernel.columns, at: x, of: input.shape.width).map { input[n, c, row, $0.1] }
    }
  }

  static func nearest(_ input: DoubleArray, height: Int, width: Int) -> DoubleArray {
    var result = DoubleArray(zeros: [input.shape.batch, input.shape.channels, height, width])
    DoubleArray(zeros: result.shape).forEachPlace { n, c, y, x in
      result[n, c, y, x] = input[n, c, y * input.shape.height / height, x * input.shape.width / width]
    }
    return result
  }
}
