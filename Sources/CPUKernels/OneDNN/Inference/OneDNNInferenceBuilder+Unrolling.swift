import Tensors

#if ONEDNN
  import COneDNN

  /// Convolutions that oneDNN has nothing but plain loops for, a hundred times slower than the rest of it.
  extension OneDNNInferenceBuilder {
    /// Returns whether a convolution is better unrolled: groups of several channels, and wide dilations,
    /// which AVX2's code does not take.
    func wantsUnrolling(_ convolution: JoinedConvolution, _ shape: Shape) -> Bool {
      guard convolution.parts.count == 1, !convolution.parts[0].isUpsampled else { return false }
      guard convolution.isDense || convolution.isDepthwise else { return true }
      let kernel = convolution.kernel
      guard max(kernel.rows.dilation, kernel.columns.dilation) > 1 else { return false }
      let part = convolution.parts[0]
      let weight = kernels.wholeBlocks(weight: part.weight.shape, isDepthwise: convolution.groups > 1)
      let primitive = OneDNNPrimitive(
        terrane_fused_convolution(
          kernels.engine, kernels.describe(kernels.wholeBlocks(graph.nodes[part.source].shape)),
          kernels.describe(weight: weight), kernels.describe(kernels.wholeBlocks(shape)), kernel.oneDNN, 1, 0,
          0,
          terrane_identity),
        name: "convolution of \(shape) by \(weight)", threads: 1)
      return primitive.isReference
    }

    mutating func addUnrolled(_ convolution: JoinedConvolution, _ shape: Shape, at place: Int) {
      let part = convolution.parts[0]
      var operands: [InferenceGraph.Operand] = [
        .node(part.source), .constant(part.weight),
        .constant(Tensor(convolution.bias, shape: [convolution.bias.count])),
      ]
      if let addend = convolution.addend { operands.append(.node(addend)) }
      let operation = UnrolledConvolution(kernel: convolution.kernel, activation: convolution.activation)
      addPlain(operation, operands, shape, at: place)
    }
  }
#endif
