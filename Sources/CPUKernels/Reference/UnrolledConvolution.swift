import Tensors

/// A convolution of row-major images as matrix products, with what a prepared network joins to it: for the
/// kernels that the library of a kernel set has plain loops for only.
struct UnrolledConvolution: PlainOperation {
  let kernel: SlidingKernel
  let activation: Activation?

  /// Returns the shape of the result for the inputs image, weight `[K, C / g, k, l]`, bias `[K]` and, where
  /// there is one, what is added before the activation.
  func shape(of inputs: [Shape]) -> Shape { kernel.shape(of: inputs[1], over: inputs[0]) }

  func compute(_ inputs: [Tensor], into result: Tensor) {
    let sums = ReferenceKernels().convolution(inputs[0], weight: inputs[1], bias: inputs[2], kernel: kernel)
    let count = result.shape.count
    if inputs.count > 3 {
      for index in 0..<count {
        result.hostValues[index] = sums.hostValues[index] + inputs[3].hostValues[index]
      }
    } else {
      result.hostValues.update(from: sums.hostValues, count: count)
    }
    activation?.apply(to: result.hostValues, count: count)
  }

  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    preconditionFailure("a prepared network does not learn")
  }
}
