import Layers
import Tensors

/// A transposed convolution of 2 x 2 pixels and stride 2: each pixel becomes four, each by a linear map of
/// its own.
struct Magnification {
  private let weight, bias: Parameter

  /// Makes `weight` `[C, K, 2, 2]` and `bias` `[K]` in `scope`, as PyTorch's `ConvTranspose2d` has them.
  init(inputs: Int, outputs: Int, in scope: ParameterScope) {
    weight = scope.parameter(
      "weight", .weight, shape: [inputs, outputs, 2, 2], initializer: .kaimingUniformFanIn)
    bias = scope.parameter("bias", .bias, shape: [outputs], initializer: .constant(0))
  }

  /// Maps `[N, C, H, W]` to `[N, K, 2 H, 2 W]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let (tape, shape, outputs) = (pass.tape, input.tensor.shape, bias.tensor.shape[0])
    // Rows of the matrix, and of the offsets, are channels and in each the four places.
    let matrix = tape.reshaped(
      tape.permuted(pass.value(of: weight), axes: [1, 2, 3, 0]), to: [4 * outputs, shape.channels])
    let offsets = tape.gatheredRows(
      tape.reshaped(pass.value(of: bias), to: [1, outputs, 1]), places: (0..<4 * outputs).map { $0 / 4 })
    let pixels = tape.linear(
      tape.permuted(input, axes: [0, 2, 3, 1]), weight: matrix,
      bias: tape.reshaped(offsets, to: [4 * outputs]))
    let apart = tape.reshaped(pixels, to: [shape.batch, shape.height, shape.width, outputs, 2, 2])
    return tape.reshaped(
      tape.permuted(apart, axes: [0, 3, 1, 4, 2, 5]),
      to: [shape.batch, outputs, 2 * shape.height, 2 * shape.width])
  }
}
