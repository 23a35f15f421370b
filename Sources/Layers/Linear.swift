import Tensors

/// An affine map of the last axis.
public struct Linear {
  private let weight: Parameter
  private let bias: Parameter?

  /// Makes `weight` `[K, C]` and, if wanted, `bias` `[K]` (zero at first) in `scope`.
  public init(
    inputs: Int, outputs: Int, hasBias: Bool = true, in scope: ParameterScope,
    initializer: Initializer = .kaimingUniformFanIn
  ) {
    weight = scope.parameter("weight", .weight, shape: [outputs, inputs], initializer: initializer)
    bias = hasBias ? scope.parameter("bias", .bias, shape: [outputs], initializer: .constant(0)) : nil
  }

  /// Maps `[..., C]` to `[..., K]`.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pass.tape.linear(input, weight: pass.value(of: weight), bias: bias.map(pass.value))
  }
}
