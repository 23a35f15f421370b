import Tensors

#if ONEDNN
  import COneDNN

  /// Batch normalisation with its ReLU in one pass over memory.
  extension OneDNNKernels {
    /// Normalises by the batch's own statistics; which outputs a ReLU lets through lies in oneDNN's own
    /// workspace.
    package func batchNormalization(_ input: Tensor, scale: Tensor, shift: Tensor, epsilon: Float, relu: Bool)
      -> (output: Tensor, statistics: BatchStatistics)
    {
      let input = blocked(input)
      let primitive = byBatch(input.shape, epsilon: epsilon, relu: relu)
      let channels = input.shape.channels
      let (mean, variance) = (Tensor(uninitialized: [channels]), Tensor(uninitialized: [channels]))
      let result = empty(input.shape)
      let passed = relu ? Workspace(bytes: primitive.bytes(of: .workspace)) : nil
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.hostValues)), (.scale, .init(scale.hostValues)),
        (.shift, .init(shift.hostValues)),
        (.mean, .init(mean.hostValues)), (.variance, .init(variance.hostValues)),
        (.destination, .init(result.hostValues)),
      ]
      if let passed { arguments.append((.workspace, passed.pointer)) }
      execute(primitive, arguments)
      return (result, BatchStatistics(mean: mean, variance: variance, passed: passed))
    }

    /// Normalises by given statistics.
    package func batchNormalization(
      _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float,
      relu: Bool
    ) -> Tensor {
      let input = blocked(input)
      let key = OneDNNPrimitiveKey(
        operation: .normalization, shapes: [input.shape], flag: relu, epsilon: epsilon)
      let primitive = primitive(key) {
        terrane_batch_normalization(engine, describe(input.shape), epsilon, 0, relu ? 1 : 0)
      }
      let result = empty(input.shape)
      execute(
        primitive,
        [
          (.source, .init(input.hostValues)), (.scale, .init(scale.hostValues)),
          (.shift, .init(shift.hostValues)),
          (.mean, .init(mean.hostValues)), (.variance, .init(variance.hostValues)),
          (.destination, .init(result.hostValues)),
        ])
      return result
    }

    /// Gives the gradients of a normalisation by the batch's own statistics.
    package func batchNormalizationGradient(
      _ gradient: Tensor, input: Tensor, scale: Tensor, shift: Tensor, statistics: BatchStatistics,
      epsilon: Float
    ) -> (input: Tensor, scale: Tensor, shift: Tensor) {
      let (gradient, input) = (blocked(gradient), blocked(input))
      let relu = statistics.passed != nil
      let hint = byBatch(input.shape, epsilon: epsilon, relu: relu)
      let key = OneDNNPrimitiveKey(
        operation: .normalizationGradient, shapes: [input.shape], flag: relu, epsilon: epsilon)
      let primitive = primitive(key) {
        terrane_batch_normalization_gradient(
          engine, describe(input.shape), epsilon, relu ? 1 : 0, hint.handle)
      }
      let channels = input.shape.channels
      let (scaleGradient, shiftGradient) = (
        Tensor(uninitialized: [channels]), Tensor(uninitialized: [channels])
      )
      let result = empty(input.shape)
      var arguments: [(OneDNNArgument, UnsafeMutableRawPointer)] = [
        (.source, .init(input.hostValues)), (.mean, .init(statistics.mean.hostValues)),
        (.variance, .init(statistics.variance.hostValues)), (.scale, .init(scale.hostValues)),
        (.destinationGradient, .init(gradient.hostValues)), (.sourceGradient, .init(result.hostValues)),
        (.scaleGradient, .init(scaleGradient.hostValues)), (.shiftGradient, .init(shiftGradient.hostValues)),
      ]
      // The shift does not enter the gradient, but oneDNN 2 counts it among the inputs and refuses to run
      // without; oneDNN 3 refuses to run with it.
      if terrane_normalization_gradient_takes_shift() != 0 {
        arguments.append((.shift, .init(shift.hostValues)))
      }
      if let passed = statistics.passed { arguments.append((.workspace, passed.pointer)) }
      execute(primitive, arguments)
      return (result, scaleGradient, shiftGradient)
    }

    private func byBatch(_ shape: Shape, epsilon: Float, relu: Bool) -> OneDNNPrimitive {
      let key = OneDNNPrimitiveKey(
        operation: .normalizationByBatch, shapes: [shape], flag: relu, epsilon: epsilon)
      return primitive(key) { terrane_batch_normalization(engine, describe(shape), epsilon, 1, relu ? 1 : 0) }
    }
  }
#endif
