import Tensors

#if ONEDNN
  import COneDNN

  /// Convolutions in channel blocks; weights in the layout that oneDNN asks for.
  ///
  /// oneDNN is told of whole blocks of channels only: 13 bands are 16 of which three are zeros, which is how
  /// they lie in memory anyway. Told of 13 in blocks it takes its reference loops, a hundred times slower.
  extension OneDNNKernels {
    /// Convolves in channel blocks; shapes that oneDNN has plain loops for only go to the reference.
    package func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor
    {
      let output = kernel.shape(of: weight.shape, over: input.shape)
      func byReference() -> Tensor {
        blocked(reference.convolution(plain(input), weight: weight, bias: bias, kernel: kernel))
      }
      guard let groups = Grouping(weight.shape, over: input.shape) else { return byReference() }
      if bias == nil && suitsWinograd(input.shape, weight.shape, kernel) {
        return winogradConvolution(input, weight: weight, isAdjoint: false)
      }
      let isPlain = groups == .one && hasFewBands(input)
      let primitive = forward(
        input.shape, weight.shape, groups, hasBias: bias != nil, kernel, plainInput: isPlain)
      // Without AVX-512 there is none for padding of more than 3 pixels: 16 s for 512 filters dilated by 4 on
      // two maps of 8 x 12.
      if primitive.isReference { return byReference() }
      let input = isPlain ? input : blocked(input)
      let result = empty(output)
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.hostValues)), (.weights, .init(packed(weight, for: primitive).hostValues)),
        (.destination, .init(result.hostValues)),
      ]
      let bias = bias.map(filled)
      if let bias { arguments.append((.bias, .init(bias.hostValues))) }
      execute(primitive, arguments)
      return result
    }

    /// Gives the gradient of a convolution with respect to its input, in channel blocks.
    package func convolutionInputGradient(
      _ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel
    ) -> Tensor {
      let output = kernel.shape(of: weight.shape, over: inputShape)
      precondition(gradient.shape == output, "a gradient \(gradient.shape) does not fit an output \(output)")
      if suitsWinograd(inputShape, weight.shape, kernel) {
        return winogradConvolution(gradient, weight: weight, isAdjoint: true)
      }
      func byReference() -> Tensor {
        blocked(
          reference.convolutionInputGradient(
            plain(gradient), weight: weight, inputShape: inputShape, kernel: kernel))
      }
      guard let groups = Grouping(weight.shape, over: inputShape) else { return byReference() }
      let hint = forward(inputShape, weight.shape, groups, hasBias: false, kernel)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionInputGradient, shapes: [inputShape, weight.shape], kernel: kernel)
      let primitive = primitive(key) {
        terrane_convolution_input_gradient(
          engine, describe(wholeBlocks(inputShape)),
          describe(weight: wholeBlocks(weight: weight.shape, isDepthwise: groups == .channels)),
          describe(wholeBlocks(output)), kernel.oneDNN, hint.handle)
      }
      if primitive.isReference { return byReference() }
      let gradient = blocked(gradient)
      let result = empty(inputShape)
      execute(
        primitive,
        [
          (.destinationGradient, .init(gradient.hostValues)),
          (.weights, .init(packed(weight, for: primitive).hostValues)),
          (.sourceGradient, .init(result.hostValues)),
        ])
      return result
    }

    /// Gives the gradients of a convolution with respect to its weight and bias, both plain.
    package func convolutionWeightGradient(
      _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
    ) -> (weight: Tensor, bias: Tensor?) {
      let (gradient, input) = (blocked(gradient), blocked(input))
      let output = kernel.shape(of: weightShape, over: input.shape)
      precondition(gradient.shape == output, "a gradient \(gradient.shape) does not fit an output \(output)")
      if !hasBias && suitsWinograd(input.shape, weightShape, kernel) {
        return (winogradWeightGradient(gradient, input: input, weightShape: weightShape), nil)
      }
      func byReference() -> (weight: Tensor, bias: Tensor?) {
        reference.convolutionWeightGradient(
          plain(gradient), input: plain(input), weightShape: weightShape, hasBias: hasBias, kernel: kernel)
      }
      guard let groups = Grouping(weightShape, over: input.shape) else { return byReference() }
      let hint = forward(input.shape, weightShape, groups, hasBias: hasBias, kernel)
      let whole = wholeBlocks(weight: weightShape, isDepthwise: groups == .channels)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionWeightGradient, shapes: [input.shape, weightShape], kernel: kernel,
        flag: hasBias)
      let primitive = primitive(key) {
        terrane_convolution_weight_gradient(
          engine, describe(wholeBlocks(input.shape)), terrane_tensor(whole, block: -1), hasBias ? 1 : 0,
          describe(wholeBlocks(output)), kernel.oneDNN, hint.handle)
      }
      if primitive.isReference && groups == .channels {
        let floats = Layout.blocked(block, .fp32)
        let (images, outer) = (reordered(input, to: floats), reordered(gradient, to: floats))
        let gradients = DepthwiseWeightGradient(
          kernel: kernel, input: input.shape, output: output, block: block)
        return gradients(outer.hostValues, images: images.hostValues, hasBias: hasBias)
      }
      // Maps of a few pixels have no fast implementation without AVX-512: 170 ms for 256 filters on 2 x 2
      // pixels, where OpenBLAS takes one.
      if primitive.isReference { return byReference() }
      let packed = Tensor(uninitialized: [primitive.bytes(of: .weightsGradient) / MemoryLayout<Float>.stride])
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.hostValues)), (.destinationGradient, .init(gradient.hostValues)),
        (.weightsGradient, .init(packed.hostValues)),
      ]
      let bias = hasBias ? Tensor(uninitialized: [whole[0]]) : nil
      if let bias { arguments.append((.biasGradient, .init(bias.hostValues))) }
      execute(primitive, arguments)
      let weight = Tensor(uninitialized: whole)
      let status = alone {
        terrane_unpack(
          engine, stream, primitive.handle, OneDNNArgument.weightsGradient.code, packed.hostValues,
          terrane_tensor(weight), weight.hostValues)
      }
      precondition(status == dnnl_success, "oneDNN cannot unpack the gradient of a weight \(weightShape)")
      return (weight.corner(of: weightShape), bias?.corner(of: [weightShape[0]]))
    }

    private func forward(
      _ input: Shape, _ weight: Shape, _ groups: Grouping, hasBias: Bool, _ kernel: SlidingKernel,
      plainInput: Bool = false
    ) -> OneDNNPrimitive {
      let output = wholeBlocks(kernel.shape(of: weight, over: input))
      let key = OneDNNPrimitiveKey(
        operation: plainInput ? .convolutionOfPlain : .convolution, shapes: [input, weight], kernel: kernel,
        flag: hasBias)
      let whole = wholeBlocks(weight: weight, isDepthwise: groups == .channels)
      let filters: Shape = plainInput ? [whole[0], input.channels, whole[2], whole[3]] : whole
      return primitive(key) {
        terrane_convolution(
          engine, plainInput ? terrane_tensor(input, block: 0) : describe(wholeBlocks(input)),
          describe(weight: filters), hasBias ? 1 : 0, describe(output), kernel.oneDNN)
      }
    }

    /// Returns whether an image has half a block of bands or less, row-major, as chips come: oneDNN has loops
    /// of its own for this first layer, which spare the work on the zeros.
    private func hasFewBands(_ input: Tensor) -> Bool {
      precision == .fp32 && input.layout == .plain && input.shape.channels <= block / 2
    }
  }

  /// The two ways to group channels that oneDNN's blocks know.
  enum Grouping {
    /// A convolution of all channels together.
    case one
    /// Each channel by itself.
    case channels

    /// Finds the grouping of a weight; nil for groups of several channels, which the reference computes.
    init?(_ weight: Shape, over input: Shape) {
      if weight[1] == input.channels {
        self = .one
      } else if weight[1] == 1 && weight[0] == input.channels {
        self = .channels
      } else {
        return nil
      }
    }
  }
#endif
