import Layers
import Tensors

/// Attention of every token to every token of its image, scaled by 1 / sqrt(d).
struct SelfAttention {
  private let heads: Int
  private let weight, bias: Parameter
  private let projection: Linear

  /// The paths of the packed projections and of the one behind them, in a scheme.
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

  /// Maps `[N, L, C]` to `[N, L, C]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let packed = pass.tape.linear(input, weight: pass.value(of: weight), bias: pass.value(of: bias))
    return projection(pass.tape.attention(packed, heads: heads), in: pass)
  }
}
