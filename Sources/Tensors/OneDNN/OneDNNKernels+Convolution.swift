#if ONEDNN
  import COneDNN

  /// Convolutions in channel blocks; weights in the layout that oneDNN asks for.
  ///
  /// oneDNN is told of whole blocks of channels only: 13 bands are 16 of which three are zeros, which is how they lie in
  /// memory anyway. Told of 13 in blocks it takes its reference loops, a hundred times slower.
  extension OneDNNKernels {
    /// See ``Kernels/convolution(_:weight:bias:kernel:)``.
    public func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
      let output = Self.outputShape(input.shape, weight.shape, kernel)
      if bias == nil && suitsWinograd(input.shape, weight.shape, kernel) {
        return winogradConvolution(input, weight: weight, isAdjoint: false)
      }
      let primitive = forward(
        input.shape, weight.shape, hasBias: bias != nil, kernel, plainInput: hasFewBands(input))
      let input = hasFewBands(input) ? input : blocked(input)
      let result = empty(output)
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.storage)), (.weights, .init(packed(weight, for: primitive).storage)),
        (.destination, .init(result.storage)),
      ]
      let bias = bias.map(filled)
      if let bias { arguments.append((.bias, .init(bias.storage))) }
      execute(primitive, arguments)
      return result
    }

    /// See ``Kernels/convolutionInputGradient(_:weight:inputShape:kernel:)``.
    public func convolutionInputGradient(
      _ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel
    ) -> Tensor {
      let output = Self.outputShape(inputShape, weight.shape, kernel)
      precondition(gradient.shape == output, "a gradient \(gradient.shape) does not fit an output \(output)")
      if suitsWinograd(inputShape, weight.shape, kernel) {
        return winogradConvolution(gradient, weight: weight, isAdjoint: true)
      }
      let gradient = blocked(gradient)
      let hint = forward(inputShape, weight.shape, hasBias: false, kernel)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionInputGradient, shapes: [inputShape, weight.shape], kernel: kernel)
      let primitive = primitive(key) {
        terrane_convolution_input_gradient(
          engine, describe(wholeBlocks(inputShape)),
          describe(weight: wholeBlocks(weight: weight.shape)), describe(wholeBlocks(output)), kernel.oneDNN,
          hint.handle)
      }
      let result = empty(inputShape)
      execute(
        primitive,
        [
          (.destinationGradient, .init(gradient.storage)),
          (.weights, .init(packed(weight, for: primitive).storage)), (.sourceGradient, .init(result.storage)),
        ])
      return result
    }

    /// See ``Kernels/convolutionWeightGradient(_:input:weightShape:hasBias:kernel:)``.
    public func convolutionWeightGradient(
      _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
    ) -> (weight: Tensor, bias: Tensor?) {
      let (gradient, input) = (blocked(gradient), blocked(input))
      let output = Self.outputShape(input.shape, weightShape, kernel)
      precondition(gradient.shape == output, "a gradient \(gradient.shape) does not fit an output \(output)")
      if !hasBias && suitsWinograd(input.shape, weightShape, kernel) {
        return (winogradWeightGradient(gradient, input: input, weightShape: weightShape), nil)
      }
      let hint = forward(input.shape, weightShape, hasBias: hasBias, kernel)
      let whole = wholeBlocks(weight: weightShape)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionWeightGradient, shapes: [input.shape, weightShape], kernel: kernel,
        flag: hasBias)
      let primitive = primitive(key) {
        terrane_convolution_weight_gradient(
          engine, describe(wholeBlocks(input.shape)), terrane_tensor(whole, block: -1), hasBias ? 1 : 0,
          describe(wholeBlocks(output)), kernel.oneDNN, hint.handle)
      }
      // Maps of a few pixels have no fast implementation without AVX-512: 170 ms for 256 filters on 2 x 2 pixels, where OpenBLAS
      // takes one.
      if primitive.isReference {
        return reference.convolutionWeightGradient(
          plain(gradient), input: plain(input), weightShape: weightShape, hasBias: hasBias, kernel: kernel)
      }
      let packed = Tensor(uninitialized: [primitive.bytes(of: .weightsGradient) / MemoryLayout<Float>.stride])
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.storage)), (.destinationGradient, .init(gradient.storage)),
        (.weightsGradient, .init(packed.storage)),
      ]
      let bias = hasBias ? Tensor(uninitialized: [whole[0]]) : nil
      if let bias { arguments.append((.biasGradient, .init(bias.storage))) }
      execute(primitive, arguments)
      let weight = Tensor(uninitialized: whole)
      let status = alone {
        terrane_unpack(
          engine, stream, primitive.handle, OneDNNArgument.weightsGradient.code, packed.storage,
          terrane_tensor(weight), weight.storage)
      }
      precondition(status == dnnl_success, "oneDNN cannot unpack the gradient of a weight \(weightShape)")
      return (weight.corner(of: weightShape), bias?.corner(of: [weightShape[0]]))
    }

    private func forward(
      _ input: Shape, _ weight: Shape, hasBias: Bool, _ kernel: SlidingKernel, plainInput: Bool = false
    ) -> OneDNNPrimitive {
      let output = wholeBlocks(Self.outputShape(input, weight, kernel))
      let key = OneDNNPrimitiveKey(
        operation: plainInput ? .convolutionOfPlain : .convolution, shapes: [input, weight], kernel: kernel,
        flag: hasBias)
      let filters: Shape = [
        output.channels, plainInput ? input.channels : wholeBlocks(input).channels, kernel.size, kernel.size,
      ]
      return primitive(key) {
        terrane_convolution(
          engine, plainInput ? terrane_tensor(input, block: 0) : describe(wholeBlocks(input)),
          describe(weight: filters), hasBias ? 1 : 0, describe(output), kernel.oneDNN)
      }
    }

    /// Half a block of bands or less, row-major, as chips come: oneDNN has loops of its own for this first layer, which
    /// spare the work on the zeros.
    private func hasFewBands(_ input: Tensor) -> Bool {
      precision == .fp32 && input.layout == .plain && input.shape.channels <= block / 2
    }

    private static func outputShape(_ input: Shape, _ weight: Shape, _ kernel: SlidingKernel) -> Shape {
      precondition(
        weight.rank == 4 && weight[1] == input.channels && weight[2] == kernel.size
          && weight[3] == kernel.size,
        "a weight \(weight) does not fit input \(input) and a kernel of \(kernel.size)")
      return [
        input.batch, weight[0], kernel.positions(along: input.height), kernel.positions(along: input.width),
      ]
    }
  }
#endif
