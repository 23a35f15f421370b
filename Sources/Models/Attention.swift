import Layers
import Tensors

/// Queries, keys and values of all heads, each `[N, h, L, d]`.
///
/// - Source: Vaswani et al. 2017, arXiv:1706.03762.
struct AttentionHeads {
  let queries, keys, values: Value

  /// Cuts projections `[N, L, 3 h d]`: all queries, then all keys, then all values.
  init(packed: Value, count: Int, in pass: Pass) {
    let shape = packed.tensor.shape
    let split = pass.tape.reshaped(packed, to: [shape[0], shape[1], 3, count, shape[2] / (3 * count)])
    let parts = pass.tape.permuted(split, axes: [2, 0, 3, 1, 4])
    queries = pass.tape.slice(parts, at: 0)
    keys = pass.tape.slice(parts, at: 1)
    values = pass.tape.slice(parts, at: 2)
  }

  /// The values that `logits` `[N, h, L, L]` point at, the heads joined: `[N, L, h d]`.
  func attended(by logits: Value, in pass: Pass) -> Value {
    let mixed = pass.tape.matrixProducts(pass.tape.softmax(logits), values)
    let shape = mixed.tensor.shape
    return pass.tape.reshaped(
      pass.tape.permuted(mixed, axes: [0, 2, 1, 3]), to: [shape[0], shape[2], shape[1] * shape[3]])
  }
}

/// Attention of every token to every token of its image, scaled by 1 / sqrt(d).
struct SelfAttention {
  private let heads: Int
  private let weight, bias: Parameter
  private let projection: Linear

  /// Where a scheme puts the packed projections and the one behind them.
  struct Names {
    let packedScope: String?
    let weight, bias, projection: String
  }

  init(channels: Int, heads: Int, names: Names, in scope: ParameterScope) {
    self.heads = heads
    let packed = names.packedScope.map(scope.child) ?? scope
    weight = packed.parameter(
      names.weight, .weight, shape: [3 * channels, channels], initializer: .xavierUniform)
    bias = packed.parameter(names.bias, .bias, shape: [3 * channels], initializer: .constant(0))
    projection = Linear(
      inputs: channels, outputs: channels, in: scope.child(names.projection), initializer: .xavierUniform)
  }

  /// `[N, L, C]` to `[N, L, C]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let packed = pass.tape.linear(input, weight: pass.value(of: weight), bias: pass.value(of: bias))
    let heads = AttentionHeads(packed: packed, count: heads, in: pass)
    let size = Float(heads.queries.tensor.shape[3])
    let logits = pass.tape.matrixProducts(
      pass.tape.scaled(heads.queries, by: 1 / size.squareRoot()), heads.keys, transposeRight: true)
    return projection(heads.attended(by: logits, in: pass), in: pass)
  }
}
