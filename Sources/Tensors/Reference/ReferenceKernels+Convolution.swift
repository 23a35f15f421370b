/// Convolution as a matrix product over unrolled patches (im2col).
extension ReferenceKernels {
  /// See ``Kernels/convolution(_:weight:bias:kernel:)``.
  public func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
    let geometry = ConvolutionGeometry(input: input.shape, weight: weight.shape, kernel: kernel)
    let result = Tensor(uninitialized: geometry.outputShape)
    let product = MatrixProduct(
      rows: geometry.filters, columns: geometry.positions, inner: geometry.patch, accumulates: bias != nil)
    parallelLoop(input.shape.batch) { image in
      let columns = Tensor(uninitialized: [geometry.patch, geometry.positions])
      geometry.unroll(input.storage + image * geometry.inputCount, into: columns.storage)
      let output = result.storage + image * geometry.outputCount
      if let bias {
        for filter in 0..<geometry.filters {
          (output + filter * geometry.positions).update(
            repeating: bias.storage[filter], count: geometry.positions)
        }
      }
      product.compute(weight.storage, columns.storage, into: output)
    }
    return result
  }

  /// See ``Kernels/convolutionInputGradient(_:weight:inputShape:kernel:)``.
  public func convolutionInputGradient(
    _ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel
  ) -> Tensor {
    let geometry = ConvolutionGeometry(input: inputShape, weight: weight.shape, kernel: kernel)
    let result = Tensor(uninitialized: inputShape)
    let product = MatrixProduct(
      rows: geometry.patch, columns: geometry.positions, inner: geometry.filters, transposeLeft: true)
    parallelLoop(inputShape.batch) { image in
      let columns = Tensor(uninitialized: [geometry.patch, geometry.positions])
      product.compute(weight.storage, gradient.storage + image * geometry.outputCount, into: columns.storage)
      geometry.roll(columns.storage, into: result.storage + image * geometry.inputCount)
    }
    return result
  }

  /// See ``Kernels/convolutionWeightGradient(_:input:weightShape:hasBias:kernel:)``.
  public func convolutionWeightGradient(
    _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
  ) -> (weight: Tensor, bias: Tensor?) {
    let geometry = ConvolutionGeometry(input: input.shape, weight: weightShape, kernel: kernel)
    let weight = Tensor(repeating: 0, shape: weightShape)
    let columns = Tensor(uninitialized: [geometry.patch, geometry.positions])
    let product = MatrixProduct(
      rows: geometry.filters, columns: geometry.patch, inner: geometry.positions, transposeRight: true,
      accumulates: true)
    for image in 0..<input.shape.batch {
      geometry.unroll(input.storage + image * geometry.inputCount, into: columns.storage)
      product.compute(gradient.storage + image * geometry.outputCount, columns.storage, into: weight.storage)
    }
    guard hasBias else { return (weight, nil) }
    let bias = Tensor(shape: [geometry.filters]) { bias in
      for filter in 0..<geometry.filters {
        var sum = 0.0
        for image in 0..<input.shape.batch {
          let plane = gradient.storage + image * geometry.outputCount + filter * geometry.positions
          for position in 0..<geometry.positions { sum += Double(plane[position]) }
        }
        bias[filter] = Float(sum)
      }
    }
    return (weight, bias)
  }
}

/// The extents of one convolution, and the two ways between images and unrolled patches.
private struct ConvolutionGeometry {
  let input: Shape
  let kernel: SlidingKernel
  let filters: Int
  let outputShape: Shape

  init(input: Shape, weight: Shape, kernel: SlidingKernel) {
    precondition(
      weight.rank == 4 && weight[1] == input.channels && weight[2] == kernel.size && weight[3] == kernel.size,
      "a weight \(weight) does not fit input \(input) and a kernel of \(kernel.size)")
    self.input = input
    self.kernel = kernel
    filters = weight[0]
    outputShape = [
      input.batch, filters, kernel.positions(along: input.height), kernel.positions(along: input.width),
    ]
  }

  var patch: Int { input.channels * kernel.size * kernel.size }
  var positions: Int { outputShape.height * outputShape.width }
  var inputCount: Int { input.channels * input.height * input.width }
  var outputCount: Int { filters * positions }

  /// Copies each patch of an image into a column of `[C * k * k, H' * W']`.
  func unroll(_ image: UnsafePointer<Float>, into columns: UnsafeMutablePointer<Float>) {
    forEachRow { channel, inputRow, inputColumn, row, count in
      let destination = columns + row
      guard inputRow >= 0 && inputRow < input.height else {
        destination.update(repeating: 0, count: count)
        return
      }
      let source = image + (channel * input.height + inputRow) * input.width
      for column in 0..<count {
        let from = inputColumn + column * kernel.stride
        destination[column] = from >= 0 && from < input.width ? source[from] : 0
      }
    }
  }

  /// Adds each column back to where its patch came from: the adjoint of ``unroll(_:into:)``.
  func roll(_ columns: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
    image.update(repeating: 0, count: inputCount)
    forEachRow { channel, inputRow, inputColumn, row, count in
      guard inputRow >= 0 && inputRow < input.height else { return }
      let destination = image + (channel * input.height + inputRow) * input.width
      let source = columns + row
      for column in 0..<count {
        let to = inputColumn + column * kernel.stride
        if to >= 0 && to < input.width { destination[to] += source[column] }
      }
    }
  }

  /// Calls `body` with (channel, input row, input column of output column 0, offset in the columns, output width).
  private func forEachRow(_ body: (Int, Int, Int, Int, Int) -> Void) {
    let (height, width) = (outputShape.height, outputShape.width)
    for tap in 0..<patch {
      let (channel, place) = (tap / (kernel.size * kernel.size), tap % (kernel.size * kernel.size))
      let (down, right) = (place / kernel.size, place % kernel.size)
      for row in 0..<height {
        body(
          channel, row * kernel.stride - kernel.padding + down, right - kernel.padding,
          tap * positions + row * width, width)
      }
    }
  }
}
