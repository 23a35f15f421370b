import Tensors

/// A learned low-rank update of a weight W that itself stays: W + s B A takes its place.
public final class LowRankUpdate {
  /// A: `[r, C]`, of a convolution `[r, C, k, l]`, or `[r, C, 1, 1]` where it meets one tap of the kernel.
  public let reduction: Parameter
  /// B, 0 at first: `[K, r]`, of a convolution `[K, r, 1, 1]`.
  public let expansion: Parameter
  /// s = alpha / r.
  public let scale: Float
  /// The tap of the kernel, counted row by row, that A and B are added to; nil for all of it.
  public let tap: Int?

  /// Makes A and B at `<path of the weight's module>.lora_A.weight` and `.lora_B.weight` of `scope`, a root.
  init(of weight: Parameter, _ options: LowRankUpdates.Options, in scope: ParameterScope) {
    let (shape, rank) = (weight.tensor.shape, options.rank)
    let place = scope.descendant(weight.modulePath)
    // Of a 1 x 1 kernel, or a linear map, the centre is all there is.
    let area = shape.count / (shape[0] * shape[1])
    tap = options.kind == .adapter && area > 1 ? area / 2 : nil
    let ones = Array(repeating: 1, count: shape.rank - 2)
    reduction = place.child("lora_A").parameter(
      "weight", .weight, shape: Shape([rank, shape[1]] + (tap == nil ? Array(shape.extents[2...]) : ones)),
      initializer: .uniformFanIn)
    expansion = place.child("lora_B").parameter(
      "weight", .weight, shape: Shape([shape[0], rank] + ones), initializer: .constant(0))
    scale = Float(options.alpha / Double(rank))
  }

  /// Returns A as filters of the whole kernel of a weight of `shape`: with zeros beside the ``tap``.
  public func wholeReduction(of shape: Shape) -> Tensor {
    guard let tap else { return reduction.tensor }
    let area = shape[2] * shape[3]
    let whole = Tensor(repeating: 0, shape: Shape([reduction.tensor.shape[0]] + shape.extents[1...]))
    reduction.tensor.withValues { values in
      whole.mutate { whole in for index in values.indices { whole[index * area + tap] = values[index] } }
    }
    return whole
  }
}
