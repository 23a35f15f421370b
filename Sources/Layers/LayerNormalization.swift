import Tensors

/// Normalisation of each vector along the last axis by itself.
///
/// - Source: Ba et al. 2016, arXiv:1607.06450.
public struct LayerNormalization {
  private let scale, shift: Parameter
  private let epsilon: Float

  /// Makes `weight` and `bias`, each `[C]`, in `scope`.
  public init(channels: Int, epsilon: Float, in scope: ParameterScope) {
    scale = scope.parameter("weight", .normScale, shape: [channels], initializer: .constant(1))
    shift = scope.parameter("bias", .normShift, shape: [channels], initializer: .constant(0))
    self.epsilon = epsilon
  }

  /// Normalises `[..., C]`.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pass.tape.layerNormalization(
      input, scale: pass.value(of: scale), shift: pass.value(of: shift), epsilon: epsilon)
  }
}
