import Tensors

#if ONEDNN
  import COneDNN

  /// Weights in whole blocks of channels and in the layouts that primitives chose.
  extension OneDNNKernels {
    /// Returns an activation's shape with its channels filled up to whole blocks.
    func wholeBlocks(_ shape: Shape) -> Shape {
      [shape.batch, (shape.channels + block - 1) / block * block, shape.height, shape.width]
    }

    /// Returns a weight's shape with filters and channels filled up to whole blocks: `[K, C, k, l]`, or
    /// `[C, 1, 1, k, l]` where each channel has a filter of its own.
    func wholeBlocks(weight shape: Shape, isDepthwise: Bool) -> Shape {
      func whole(_ count: Int) -> Int { (count + block - 1) / block * block }
      return isDepthwise
        ? [whole(shape[0]), 1, 1, shape[2], shape[3]]
        : [whole(shape[0]), whole(shape[1]), shape[2], shape[3]]
    }

    /// Returns a bias with zeros up to a whole block.
    func filled(_ bias: Tensor) -> Tensor { bias.filled(to: [(bias.shape[0] + block - 1) / block * block]) }

    /// Returns a weight in the layout that `primitive` chose, made once and kept with the weight until it
    /// changes.
    func packed(_ weight: Tensor, for primitive: OneDNNPrimitive) -> Tensor {
      let layout = primitive.layout(of: .weights)
      if let packed = weight.reordered[layout] { return packed }
      let packed = pack(weight, for: primitive)
      weight.reordered[layout] = packed
      return packed
    }

    /// Returns a weight in the layout that `primitive` chose, without keeping it.
    func pack(_ weight: Tensor, for primitive: OneDNNPrimitive) -> Tensor {
      let extents = primitive.extents(of: .weights)
      let whole = weight.filled(to: extents)
      let packed = Tensor(uninitialized: [primitive.bytes(of: .weights) / MemoryLayout<Float>.stride])
      let status = alone {
        terrane_pack(
          engine, stream, terrane_tensor(whole), whole.hostValues, primitive.handle,
          OneDNNArgument.weights.code,
          packed.hostValues)
      }
      precondition(status == dnnl_success, "oneDNN cannot pack a weight \(weight.shape)")
      return packed
    }
  }

  extension Tensor {
    /// Returns the plain tensor with zeros after its filters and channels, up to `shape`; itself where
    /// nothing is missing.
    func filled(to shape: Shape) -> Tensor {
      guard shape != self.shape else { return self }
      let result = Tensor(repeating: 0, shape: shape)
      copyRows(to: result)
      return result
    }

    /// Returns the first filters and channels of a plain tensor, as many as `shape` has; itself where that is
    /// all.
    func corner(of shape: Shape) -> Tensor {
      guard shape != self.shape else { return self }
      let result = Tensor(uninitialized: shape)
      copyRows(to: result)
      return result
    }

    /// Copies what both have: of `[K]` the first elements, of `[K, C, k, k]` the first channels of the first
    /// filters.
    private func copyRows(to other: Tensor) {
      let rows = shape.rank == 1 ? 1 : min(shape[0], other.shape[0])
      let from = shape.rank == 1 ? shape[0] : shape.count / shape[0]
      let to = shape.rank == 1 ? other.shape[0] : other.shape.count / other.shape[0]
      for row in 0..<rows {
        (other.hostValues + row * to).update(from: hostValues + row * from, count: min(from, to))
      }
    }
  }
#endif
