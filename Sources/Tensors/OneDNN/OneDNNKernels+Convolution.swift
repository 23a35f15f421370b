#if ONEDNN
  import COneDNN

  /// Convolutions in channel blocks; weights in the layout that oneDNN asks for.
  extension OneDNNKernels {
    /// See ``Kernels/convolution(_:weight:bias:kernel:)``.
    public func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
      let input = blocked(input)
      let output = Self.outputShape(input.shape, weight.shape, kernel)
      let primitive = forward(input.shape, weight.shape, output, hasBias: bias != nil, kernel)
      let result = empty(output)
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.storage)), (.weights, .init(packedPadded(weight, for: primitive).storage)),
        (.destination, .init(result.storage)),
      ]
      if let bias { arguments.append((.bias, .init(bias.storage))) }
      execute(primitive, arguments)
      return result
    }

    /// See ``Kernels/convolutionInputGradient(_:weight:inputShape:kernel:)``.
    public func convolutionInputGradient(
      _ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel
    ) -> Tensor {
      let gradient = blocked(gradient)
      let hint = forward(inputShape, weight.shape, gradient.shape, hasBias: false, kernel)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionInputGradient, shapes: [inputShape, weight.shape], kernel: kernel)
      let primitive = primitive(key) {
        terrane_convolution_input_gradient(
          engine, describePadded(inputShape), describePadded(weight: weight.shape), describe(gradient.shape),
          kernel.oneDNN, hint.handle)
      }
      let result = empty(inputShape)
      execute(
        primitive,
        [
          (.destinationGradient, .init(gradient.storage)),
          (.weights, .init(packedPadded(weight, for: primitive).storage)), (.sourceGradient, .init(result.storage)),
        ])
      return result
    }

    /// See ``Kernels/convolutionWeightGradient(_:input:weightShape:hasBias:kernel:)``.
    public func convolutionWeightGradient(
      _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
    ) -> (weight: Tensor, bias: Tensor?) {
      let (gradient, input) = (blocked(gradient), blocked(input))
      let hint = forward(input.shape, weightShape, gradient.shape, hasBias: hasBias, kernel)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionWeightGradient, shapes: [input.shape, weightShape], kernel: kernel, flag: hasBias)
      let primitive = primitive(key) {
        terrane_convolution_weight_gradient(
          engine, describePadded(input.shape), describePadded(weight: weightShape), hasBias ? 1 : 0,
          describe(gradient.shape), kernel.oneDNN, hint.handle)
      }
      let packed = Tensor(uninitialized: [primitive.bytes(of: .weightsGradient) / MemoryLayout<Float>.stride])
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.storage)), (.destinationGradient, .init(gradient.storage)),
        (.weightsGradient, .init(packed.storage)),
      ]
      let bias = hasBias ? Tensor(uninitialized: [weightShape[0]]) : nil
      if let bias { arguments.append((.biasGradient, .init(bias.storage))) }
      execute(primitive, arguments)
      let weight = Tensor(uninitialized: [weightShape[0], padded(weightShape[1]), weightShape[2], weightShape[3]])
      let status = terrane_unpack(
        engine, stream, primitive.handle, OneDNNArgument.weightsGradient.code, packed.storage, terrane_tensor(weight),
        weight.storage)
      precondition(status == dnnl_success, "oneDNN cannot unpack the gradient of a weight \(weightShape)")
      return (withChannels(weightShape[1], weight), bias)
    }

    /// Whole blocks of input channels: oneDNN has fast kernels for these only (measured: 6 bands described as such took 90
    /// times as long as described as 16). A blocked tensor is padded with zeros, so the same memory serves.
    private func padded(_ channels: Int) -> Int { (channels + block - 1) / block * block }

    private func describePadded(_ shape: Shape) -> terrane_tensor {
      describe([shape.batch, padded(shape.channels), shape.height, shape.width])
    }

    /// A weight `[K, C, k, k]` as a primitive of whole blocks takes it.
    private func describePadded(weight shape: Shape) -> terrane_tensor {
      terrane_tensor([shape[0], padded(shape[1]), shape[2], shape[3]], block: -1)
    }

    /// Copies `[K, C, k, k]` to or from one of another C; what has no counterpart is zero.
    private func withChannels(_ channels: Int, _ weight: Tensor) -> Tensor {
      let shape = weight.shape
      guard channels != shape[1] else { return weight }
      let area = shape[2] * shape[3]
      let common = min(channels, shape[1]) * area
      let result = Tensor(repeating: 0, shape: [shape[0], channels, shape[2], shape[3]])
      for filter in 0..<shape[0] {
        (result.storage + filter * channels * area).update(from: weight.storage + filter * shape[1] * area, count: common)
      }
      return result
    }

    /// The weight in the layout that `primitive` chose, input channels padded.
    private func packedPadded(_ weight: Tensor, for primitive: OneDNNPrimitive) -> Tensor {
      guard weight.shape[1] != padded(weight.shape[1]) else { return packed(weight, for: primitive) }
      let layout = primitive.layout(of: .weights)
      if let known = weight.reordered[layout] { return known }
      let packed = packed(withChannels(padded(weight.shape[1]), weight), for: primitive)
      weight.reordered[layout] = packed
      return packed
    }

    private func forward(
      _ input: Shape, _ weight: Shape, _ output: Shape, hasBias: Bool, _ kernel: SlidingKernel
    ) -> OneDNNPrimitive {
      let key = OneDNNPrimitiveKey(
        operation: .convolution, shapes: [input, weight], kernel: kernel, flag: hasBias)
      return primitive(key) {
        terrane_convolution(
          engine, describePadded(input), describePadded(weight: weight), hasBias ? 1 : 0, describe(output), kernel.oneDNN)
      }
    }

    private static func outputShape(_ input: Shape, _ weight: Shape, _ kernel: SlidingKernel) -> Shape {
      precondition(
        weight.rank == 4 && weight[1] == input.channels && weight[2] == kernel.size && weight[3] == kernel.size,
        "a weight \(weight) does not fit input \(input) and a kernel of \(kernel.size)")
      return [input.batch, weight[0], kernel.positions(along: input.height), kernel.positions(along: input.width)]
    }
  }
#endif
