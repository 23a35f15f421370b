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

  /// Returns the values that `logits` `[N, h, L, L]` point at, the heads joined: `[N, L, h d]`.
  func attended(by logits: Value, in pass: Pass) -> Value {
    let mixed = pass.tape.matrixProducts(pass.tape.softmax(logits), values)
    let shape = mixed.tensor.shape
    return pass.tape.reshaped(
      pass.tape.permuted(mixed, axes: [0, 2, 1, 3]), to: [shape[0], shape[2], shape[1] * shape[3]])
  }
}
