import Checkpoints
import Tensors

/// The forms of operations on rows and tokens. The graph is recorded on one image: where a result depends on
/// the input, its first axis stands for the batch.
extension ONNXRecorder {
  func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    let shape = operation.shape(of: inputs.map(\.shape))
    switch operation {
    case is Reshaping where !varies(inputs[0]):
      return result("Reshape", [name(inputs[0]), numbers(shape.extents)], shape)
    case is Reshaping where shape.extents.first == 1 && inputs[0].shape.extents.first == 1:
      // 0 stands for the batch, whatever it is; of a vector of channels nothing else can differ.
      if shape.count != shape[1] { isFree = false }
      return result("Reshape", [name(inputs[0]), numbers([0] + shape.extents.dropFirst())], shape)
    case is LinearMap: return linearMap(inputs, shape)
    case let permutation as Permutation where permutation.axes.first == 0 || !varies(inputs[0]):
      return result("Transpose", [name(inputs[0])], shape, [("perm", .integers(permutation.axes))])
    case let broadcasting as Broadcasting:
      return result(broadcasting.kind == .sum ? "Add" : "Mul", inputs.map(name), shape)
    case let scaling as Scaling:
      return result("Mul", [name(inputs[0]), fractions([scaling.factor], isScalar: true)], shape)
    case let gathering as RowGathering:
      if varies(inputs[0]) { isFree = false }
      return result("Gather", [name(inputs[0]), numbers(gathering.places)], shape, [("axis", .integer(1))])
    case is RowJoining: return joinedRows(inputs[0], inputs[1], shape)
    case let normalization as LayerNormalizationOperation:
      return result(
        "LayerNormalization", inputs.map(name), shape,
        [("axis", .integer(shape.rank - 1)), ("epsilon", .fraction(normalization.epsilon))])
    case let normalization as GroupNormalizationOperation: return grouped(normalization, inputs, shape)
    case let attention as PackedAttention: return self.attention(inputs[0], heads: attention.heads, shape)
    case let resampling as BilinearResampling:
      return resampled(
        inputs[0], resampling.height, resampling.width,
        [
          ("mode", .text("linear")),
          (
            "coordinate_transformation_mode",
            .text(resampling.alignsCorners ? "align_corners" : "half_pixel")
          ),
        ])
    default:
      unsupported.append("\(type(of: operation))")
      return result("Identity", inputs.map(name), shape)
    }
  }

  private func linearMap(_ inputs: [Tensor], _ shape: Shape) -> Tensor {
    if inputs[0].shape.rank == 2 {
      return result("Gemm", inputs.map(name), shape, [("transB", .integer(1))])
    }
    let weight = inputs[1].shape
    let turned = result(
      "Transpose", [name(inputs[1])], [weight[1], weight[0]], [("perm", .integers([1, 0]))])
    let product = result("MatMul", [name(inputs[0]), name(turned)], shape)
    return inputs.count > 2 ? result("Add", [name(product), name(inputs[2])], shape) : product
  }

  /// Joins along the second axis; a constant is repeated for each image of the batch.
  private func joinedRows(_ first: Tensor, _ second: Tensor, _ shape: Shape) -> Tensor {
    var before = name(first)
    if varies(second) && !varies(first) {
      let batch = result("Shape", [name(second)], [1], [("start", .integer(0)), ("end", .integer(1))])
      let extents = result("Concat", [name(batch), numbers([1, 1])], [3], [("axis", .integer(0))])
      before = name(result("Expand", [before, name(extents)], first.shape))
    }
    return result("Concat", [before, name(second)], shape, [("axis", .integer(1))])
  }

  /// Normalises groups of channels as instances, one channel each; scale and shift follow.
  private func grouped(_ normalization: GroupNormalizationOperation, _ inputs: [Tensor], _ shape: Shape)
    -> Tensor
  {
    let groups = normalization.groups
    let rows: Shape = [shape[0], groups, shape.count / shape[0] / groups]
    let split = result("Reshape", [name(inputs[0]), numbers([0, groups, -1])], rows)
    let ones = fractions(Array(repeating: 1, count: groups))
    let zeros = fractions(Array(repeating: 0, count: groups))
    let normalized = result(
      "InstanceNormalization", [name(split), ones, zeros], rows,
      [("epsilon", .fraction(normalization.epsilon))])
    let extents = result("Shape", [name(inputs[0])], [shape.rank])
    let joined = result("Reshape", [name(normalized), name(extents)], shape)
    let channels = numbers([shape[1]] + Array(repeating: 1, count: shape.rank - 2))
    let (scale, shift) = (
      result("Reshape", [name(inputs[1]), channels], inputs[1].shape),
      result("Reshape", [name(inputs[2]), channels], inputs[2].shape)
    )
    return result("Add", [name(result("Mul", [name(joined), name(scale)], shape)), name(shift)], shape)
  }

  /// Writes attention out: projections `[N, L, 3 h d]` become queries, keys and values `[N, h, L, d]`.
  private func attention(_ projections: Tensor, heads: Int, _ shape: Shape) -> Tensor {
    isFree = false
    let (tokens, channels) = (shape[1], shape[2])
    let size = channels / heads
    let apart = result(
      "Reshape", [name(projections), numbers([0, tokens, 3, heads, size])],
      [shape[0], tokens, 3, heads, size])
    let turned = result(
      "Transpose", [name(apart)], [3, shape[0], heads, tokens, size], [("perm", .integers([2, 0, 3, 1, 4]))])
    let head: Shape = [shape[0], heads, tokens, size]
    func part(_ number: Int) -> Tensor {
      let taken = result(
        "Gather", [name(turned), numbers([number])], Shape([1] + head.extents), [("axis", .integer(0))])
      return result("Squeeze", [name(taken), numbers([0])], head)
    }
    let scale = fractions([1 / Float(size).squareRoot()], isScalar: true)
    let queries = result("Mul", [name(part(0)), scale], head)
    let keys = result(
      "Transpose", [name(part(1))], [shape[0], heads, size, tokens], [("perm", .integers([0, 1, 3, 2]))])
    let square: Shape = [shape[0], heads, tokens, tokens]
    let likeness = result("MatMul", [name(queries), name(keys)], square)
    let shares = result("Softmax", [name(likeness)], square, [("axis", .integer(3))])
    let mixed = result("MatMul", [name(shares), name(part(2))], head)
    let back = result(
      "Transpose", [name(mixed)], [shape[0], tokens, heads, size], [("perm", .integers([0, 2, 1, 3]))])
    return result("Reshape", [name(back), numbers([0, tokens, channels])], shape)
  }
}
