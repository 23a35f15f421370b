import Layers
import Tensors

/// Two linear maps of each token by itself with a GELU between them, four times as wide inside.
struct FeedForward {
  private let expansion, reduction: Linear

  /// Creates the maps, which are called `expansion` and `reduction` in `scope`.
  init(
    channels: Int, expansion: String, reduction: String, in scope: ParameterScope, initializer: Initializer
  ) {
    self.expansion = Linear(
      inputs: channels, outputs: 4 * channels, in: scope.child(expansion), initializer: initializer)
    self.reduction = Linear(
      inputs: 4 * channels, outputs: channels, in: scope.child(reduction), initializer: initializer)
  }

  /// Maps `[..., C]` to `[..., C]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    reduction(pass.tape.activation(expansion(input, in: pass), .gelu), in: pass)
  }
}
