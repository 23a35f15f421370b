import Numerics
import Tensors

/// Means under a sliding kernel, plane by plane.
extension ReferenceKernels {
  /// Takes the mean under each kernel position, zeros of the padding counted.
  package func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    let shape = input.shape
    let output = kernel.shape(over: shape, channels: shape.channels)
    let result = Tensor(uninitialized: output)
    parallelLoop(shape.batch * shape.channels) { plane in
      let source = input.hostValues + plane * shape.height * shape.width
      let target = result.hostValues + plane * output.height * output.width
      for row in 0..<output.height {
        for column in 0..<output.width {
          var sum: Float = 0
          for y in kernel.rows.pixels(at: row, of: shape.height) {
            for x in kernel.columns.pixels(at: column, of: shape.width) { sum += source[y * shape.width + x] }
          }
          target[row * output.width + column] = sum / Float(kernel.area)
        }
      }
    }
    return result
  }

  /// Spreads the gradient of each mean evenly over the pixels under its position.
  package func averagePoolingGradient(_ gradient: Tensor, inputShape: Shape, kernel: SlidingKernel) -> Tensor
  {
    let result = Tensor(repeating: 0, shape: inputShape)
    let output = gradient.shape
    parallelLoop(inputShape.batch * inputShape.channels) { plane in
      let source = gradient.hostValues + plane * output.height * output.width
      let target = result.hostValues + plane * inputShape.height * inputShape.width
      for row in 0..<output.height {
        for column in 0..<output.width {
          let share = source[row * output.width + column] / Float(kernel.area)
          for y in kernel.rows.pixels(at: row, of: inputShape.height) {
            for x in kernel.columns.pixels(at: column, of: inputShape.width) {
              target[y * inputShape.width + x] += share
            }
          }
        }
      }
    }
    return result
  }
}
