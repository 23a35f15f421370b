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
        (.source, .init(input.storage)), (.weights, .init(packed(weight, for: primitive).storage)),
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
          engine, describe(inputShape), terrane_tensor(weight.shape, block: -1), describe(gradient.shape),
          kernel.oneDNN, hint.handle)
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
      let hint = forward(input.shape, weightShape, gradient.shape, hasBias: hasBias, kernel)
      let key = OneDNNPrimitiveKey(
        operation: .convolutionWeightGradient, shapes: [input.shape, weightShape], kernel: kernel, flag: hasBias)
      let primitive = primitive(key) {
        terrane_convolution_weight_gradient(
          engine, describe(input.shape), terrane_tensor(weightShape, block: -1), hasBias ? 1 : 0,
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
      let weight = Tensor(uninitialized: weightShape)
      let status = terrane_unpack(
        engine, stream, primitive.handle, OneDNNArgument.weightsGradient.code, packed.storage, terrane_tensor(weight),
        weight.storage)
      precondition(status == dnnl_success, "oneDNN cannot unpack the gradient of a weight \(weightShape)")
      return (weight, bias)
    }

    private func forward(
      _ input: Shape, _ weight: Shape, _ output: Shape, hasBias: Bool, _ kernel: SlidingKernel
    ) -> OneDNNPrimitive {
      let key = OneDNNPrimitiveKey(
        operation: .convolution, shapes: [input, weight], kernel: kernel, flag: hasBias)
      return primitive(key) {
        terrane_convolution(
          engine, describe(input), terrane_tensor(weight, block: -1), hasBias ? 1 : 0, describe(output), kernel.oneDNN)
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
