import Tensors

/// Normalisation of groups of channels of each image by itself.
///
/// - Source: Wu & He 2018, arXiv:1803.08494.
public struct GroupNormalization {
  private let scale, shift: Parameter
  private let groups: Int
  private let epsilon: Float

  /// Makes `weight` and `bias`, each `[C]`, in `scope`.
  public init(groups: Int, channels: Int, epsilon: Float = 1e-5, in scope: ParameterScope) {
    scale = scope.parameter("weight", .normScale, shape: [channels], initializer: .constant(1))
    shift = scope.parameter("bias", .normShift, shape: [channels], initializer: .constant(0))
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  /// Normalises `[N, C, H, W]`.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pass.tape.groupNormalization(
      input, groups: groups, scale: pass.value(of: scale), shift: pass.value(of: shift), epsilon: epsilon)
  }
}
