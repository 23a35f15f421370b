import Numerics
import Tensors

/// Convolution as a matrix product over unrolled patches (im2col), a strip of output rows at a time.
extension ReferenceKernels {
  /// Convolves by a matrix product with the unrolled patches of each image.
  package func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
    let geometry = ConvolutionGeometry(input: input.shape, weight: weight.shape, kernel: kernel)
    let result = Tensor(uninitialized: geometry.outputShape)
    let strips = geometry.strips
    parallelLoop(input.shape.batch * geometry.groups * strips.count) { index in
      let (part, strip) = (index / strips.count, strips[index % strips.count])
      let columns = Tensor(uninitialized: [geometry.patch, strip.count])
      geometry.unroll(input.hostValues + part * geometry.inputCount, strip, into: columns.hostValues)
      let output = result.hostValues + part * geometry.outputCount + strip.first
      let first = part % geometry.groups * geometry.filters
      if let bias {
        for filter in 0..<geometry.filters {
          (output + filter * geometry.positions)
            .update(repeating: bias.hostValues[first + filter], count: strip.count)
        }
      }
      MatrixProduct(
        rows: geometry.filters, columns: strip.count, inner: geometry.patch, resultStride: geometry.positions,
        accumulates: bias != nil
      ).computeByOpenBLAS(weight.hostValues + first * geometry.patch, columns.hostValues, into: output)
    }
    return result
  }

  /// Multiplies the gradient by the transposed weight and rolls the patches back into an image.
  package func convolutionInputGradient(
    _ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel
  ) -> Tensor {
    let geometry = ConvolutionGeometry(input: inputShape, weight: weight.shape, kernel: kernel)
    let result = Tensor(repeating: 0, shape: inputShape)
    parallelLoop(inputShape.batch * geometry.groups) { part in
      let filters = weight.hostValues + part % geometry.groups * geometry.filters * geometry.patch
      for strip in geometry.strips {
        let columns = Tensor(uninitialized: [geometry.patch, strip.count])
        MatrixProduct(
          rows: geometry.patch, columns: strip.count, inner: geometry.filters, transposeLeft: true,
          rightStride: geometry.positions
        ).computeByOpenBLAS(
          filters, gradient.hostValues + part * geometry.outputCount + strip.first, into: columns.hostValues)
        geometry.roll(columns.hostValues, strip, into: result.hostValues + part * geometry.inputCount)
      }
    }
    return result
  }

  /// Multiplies the gradient by the unrolled patches, image by image.
  package func convolutionWeightGradient(
    _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
  ) -> (weight: Tensor, bias: Tensor?) {
    let geometry = ConvolutionGeometry(input: input.shape, weight: weightShape, kernel: kernel)
    let weight = Tensor(repeating: 0, shape: weightShape)
    for part in 0..<input.shape.batch * geometry.groups {
      let filters = weight.hostValues + part % geometry.groups * geometry.filters * geometry.patch
      for strip in geometry.strips {
        let columns = Tensor(uninitialized: [geometry.patch, strip.count])
        geometry.unroll(input.hostValues + part * geometry.inputCount, strip, into: columns.hostValues)
        MatrixProduct(
          rows: geometry.filters, columns: geometry.patch, inner: strip.count, transposeRight: true,
          leftStride: geometry.positions, accumulates: true
        ).computeByOpenBLAS(
          gradient.hostValues + part * geometry.outputCount + strip.first, columns.hostValues, into: filters)
      }
    }
    guard hasBias else { return (weight, nil) }
    let filters = weightShape[0]
    let bias = Tensor(shape: [filters]) { bias in
      for filter in 0..<filters {
        var sum = 0.0
        for image in 0..<input.shape.batch {
          let plane = gradient.hostValues + (image * filters + filter) * geometry.positions
          for position in 0..<geometry.positions { sum += Double(plane[position]) }
        }
        bias[filter] = Float(sum)
      }
    }
    return (weight, bias)
  }
}

/// The extents of one convolution, and the two ways between images and unrolled patches. Channels, filters
/// and patches are those of one group: the groups of an image are worked on as if they were images.
private struct ConvolutionGeometry {
  /// Some whole rows of the output: its first position and how many there are.
  struct Strip {
    let rows: Range<Int>
    let width: Int
    var first: Int { rows.lowerBound * width }
    var count: Int { rows.count * width }
  }

  let input: Shape
  let kernel: SlidingKernel
  let groups, channels, filters: Int
  let outputShape: Shape

  init(input: Shape, weight: Shape, kernel: SlidingKernel) {
    (self.input, self.kernel) = (input, kernel)
    outputShape = kernel.shape(of: weight, over: input)
    groups = input.channels / weight[1]
    (channels, filters) = (weight[1], weight[0] / groups)
  }

  var patch: Int { channels * kernel.area }
  var positions: Int { outputShape.height * outputShape.width }
  var inputCount: Int { channels * input.height * input.width }
  var outputCount: Int { filters * positions }

  /// The output in strips whose unrolled patches take at most 16 MiB: a window of 512 pixels unrolled whole
  /// took 300.
  var strips: [Strip] {
    let height = max(1, (4 << 20) / max(1, patch * outputShape.width))
    return stride(from: 0, to: outputShape.height, by: height).map { row in
      Strip(rows: row..<min(row + height, outputShape.height), width: outputShape.width)
    }
  }

  /// Copies each patch of a strip into a column of `[C * k * k, positions of the strip]`.
  func unroll(_ image: UnsafePointer<Float>, _ strip: Strip, into columns: UnsafeMutablePointer<Float>) {
    forEachRow(strip) { channel, inputRow, inputColumn, offset in
      let destination = columns + offset
      guard inputRow >= 0 && inputRow < input.height else {
        destination.update(repeating: 0, count: strip.width)
        return
      }
      let source = image + (channel * input.height + inputRow) * input.width
      for column in 0..<strip.width {
        let from = inputColumn + column * kernel.columns.stride
        destination[column] = from >= 0 && from < input.width ? source[from] : 0
      }
    }
  }

  /// Adds each column back to where its patch came from: the adjoint of ``unroll(_:_:into:)``.
  func roll(_ columns: UnsafePointer<Float>, _ strip: Strip, into image: UnsafeMutablePointer<Float>) {
    forEachRow(strip) { channel, inputRow, inputColumn, offset in
      guard inputRow >= 0 && inputRow < input.height else { return }
      let destination = image + (channel * input.height + inputRow) * input.width
      for column in 0..<strip.width {
        let to = inputColumn + column * kernel.columns.stride
        if to >= 0 && to < input.width { destination[to] += columns[offset + column] }
      }
    }
  }

  /// Calls `body` with (channel, input row, input column of output column 0, offset in the columns).
  private func forEachRow(_ strip: Strip, _ body: (Int, Int, Int, Int) -> Void) {
    for tap in 0..<patch {
      let (channel, place) = (tap / kernel.area, tap % kernel.area)
      let (down, right) = (place / kernel.columns.size, place % kernel.columns.size)
      for (index, row) in strip.rows.enumerated() {
        body(
          channel, row * kernel.rows.stride - kernel.rows.before + down * kernel.rows.dilation,
          right * kernel.columns.dilation - kernel.columns.before,
          tap * strip.count + index * strip.width)
      }
    }
  }
}
