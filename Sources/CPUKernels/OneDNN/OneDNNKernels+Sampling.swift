import Tensors

#if ONEDNN
  import COneDNN

  /// Maxima and nearest-neighbour resampling in channel blocks.
  extension OneDNNKernels {
    /// Takes the largest value under each kernel position.
    package func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
      let input = blocked(input)
      let output = kernel.shape(over: input.shape, channels: input.shape.channels)
      let result = empty(output)
      execute(
        pooling(input.shape, output, kernel, training: false),
        [(.source, .init(input.hostValues)), (.destination, .init(result.hostValues))])
      return result
    }

    /// Takes the largest value under each kernel position; the places are oneDNN's own workspace.
    package func maxPoolingWithPlaces(_ input: Tensor, kernel: SlidingKernel)
      -> (output: Tensor, places: Workspace)
    {
      let input = blocked(input)
      let output = kernel.shape(over: input.shape, channels: input.shape.channels)
      let primitive = pooling(input.shape, output, kernel, training: true)
      let result = empty(output)
      let places = Workspace(bytes: primitive.bytes(of: .workspace))
      execute(
        primitive,
        [
          (.source, .init(input.hostValues)), (.destination, .init(result.hostValues)),
          (.workspace, places.pointer),
        ])
      return (result, places)
    }

    /// Sends each gradient to the place that the maximum came from.
    package func maxPoolingGradient(
      _ gradient: Tensor, places: Workspace, inputShape: Shape, kernel: SlidingKernel
    ) -> Tensor {
      let gradient = blocked(gradient)
      let hint = pooling(inputShape, gradient.shape, kernel, training: true)
      let key = OneDNNPrimitiveKey(operation: .maxPoolingGradient, shapes: [inputShape], kernel: kernel)
      let primitive = primitive(key) {
        terrane_pooling_gradient(
          engine, describe(inputShape), describe(gradient.shape), kernel.oneDNN, 0, hint.handle)
      }
      let result = empty(inputShape)
      execute(
        primitive,
        [
          (.destinationGradient, .init(gradient.hostValues)), (.workspace, places.pointer),
          (.sourceGradient, .init(result.hostValues)),
        ])
      return result
    }

    private func pooling(_ input: Shape, _ output: Shape, _ kernel: SlidingKernel, training: Bool)
      -> OneDNNPrimitive
    {
      let key = OneDNNPrimitiveKey(operation: .maxPooling, shapes: [input], kernel: kernel, flag: training)
      return primitive(key) {
        terrane_pooling(engine, describe(input), describe(output), kernel.oneDNN, 0, training ? 1 : 0)
      }
    }

    /// Resamples by nearest neighbours.
    ///
    /// oneDNN rounds where the definition floors; the two agree for whole factors only, others take the
    /// reference.
    package func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor {
      guard height % input.shape.height == 0 && width % input.shape.width == 0 else {
        return blocked(reference.nearestResampling(plain(input), height: height, width: width))
      }
      let input = blocked(input)
      let result = empty([input.shape.batch, input.shape.channels, height, width])
      execute(
        nearest(input.shape, result.shape),
        [(.source, .init(input.hostValues)), (.destination, .init(result.hostValues))])
      return result
    }

    /// Sums the gradients of the outputs that one input fed.
    package func nearestResamplingGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor {
      let (height, width) = (gradient.shape.height, gradient.shape.width)
      guard height % inputShape.height == 0 && width % inputShape.width == 0 else {
        return blocked(reference.nearestResamplingGradient(plain(gradient), inputShape: inputShape))
      }
      let gradient = blocked(gradient)
      let hint = nearest(inputShape, gradient.shape)
      let key = OneDNNPrimitiveKey(operation: .nearestGradient, shapes: [inputShape, gradient.shape])
      let primitive = primitive(key) {
        terrane_nearest_gradient(engine, describe(inputShape), describe(gradient.shape), hint.handle)
      }
      let result = empty(inputShape)
      execute(
        primitive,
        [(.destinationGradient, .init(gradient.hostValues)), (.sourceGradient, .init(result.hostValues))])
      return result
    }

    private func nearest(_ input: Shape, _ output: Shape) -> OneDNNPrimitive {
      primitive(OneDNNPrimitiveKey(operation: .nearest, shapes: [input, output])) {
        terrane_nearest(engine, describe(input), describe(output))
      }
    }
  }
#endif
