import Tensors

#if ONEDNN
  import COneDNN

  /// Means under a sliding kernel, in channel blocks.
  extension OneDNNKernels {
    /// Takes the mean under each kernel position, zeros of the padding counted.
    package func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
      let input = blocked(input)
      let result = empty(kernel.shape(over: input.shape, channels: input.shape.channels))
      execute(
        means(input.shape, result.shape, kernel),
        [(.source, .init(input.hostValues)), (.destination, .init(result.hostValues))])
      return result
    }

    /// Spreads the gradient of each mean evenly over the pixels under its position.
    package func averagePoolingGradient(_ gradient: Tensor, inputShape: Shape, kernel: SlidingKernel)
      -> Tensor
    {
      let gradient = blocked(gradient)
      let hint = means(inputShape, gradient.shape, kernel)
      let key = OneDNNPrimitiveKey(operation: .averagePoolingGradient, shapes: [inputShape], kernel: kernel)
      let primitive = primitive(key) {
        terrane_pooling_gradient(
          engine, describe(inputShape), describe(gradient.shape), kernel.oneDNN, 1, hint.handle)
      }
      let result = empty(inputShape)
      execute(
        primitive,
        [(.destinationGradient, .init(gradient.hostValues)), (.sourceGradient, .init(result.hostValues))])
      return result
    }

    private func means(_ input: Shape, _ output: Shape, _ kernel: SlidingKernel) -> OneDNNPrimitive {
      primitive(OneDNNPrimitiveKey(operation: .averagePooling, shapes: [input], kernel: kernel)) {
        terrane_pooling(engine, describe(input), describe(output), kernel.oneDNN, 1, 1)
      }
    }
  }
#endif
