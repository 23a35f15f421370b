import Numerics
import Tensors

/// A rule for the first values of a parameter.
///
/// - Source: Glorot & Bengio 2010 (Xavier); He et al. 2015, arXiv:1502.01852 (Kaiming).
public enum Initializer: Sendable {
  /// Every element has the same value.
  case constant(Float)
  /// Normal with a standard deviation.
  case normal(deviation: Double)
  /// Normal with variance 2 / (K k k): keeps the size of gradients through ReLUs.
  case kaimingNormalFanOut
  /// Uniform within +-sqrt(6 / (C k k)): keeps the size of activations through ReLUs.
  case kaimingUniformFanIn
  /// Uniform within +-1 / sqrt(C k k): PyTorch's own start of a layer, Kaiming's bound for a leaky ReLU of
  /// slope sqrt(5).
  case uniformFanIn
  /// Uniform within +-sqrt(6 / (C k k + K k k)).
  case xavierUniform

  /// Returns a plain tensor `[K, C, k, k]` or `[C]` drawn from `random`.
  public func tensor(shape: Shape, random: inout RandomSource) -> Tensor {
    let area = shape.extents.dropFirst(2).reduce(1, *)
    let fanIn = Double(shape.rank > 1 ? shape[1] * area : 1)
    let fanOut = Double(shape[0] * area)
    switch self {
    case .constant(let value): return Tensor(repeating: value, shape: shape)
    case .normal(let deviation):
      return Tensor((0..<shape.count).map { _ in Float(random.normal() * deviation) }, shape: shape)
    case .kaimingNormalFanOut:
      let deviation = (2 / fanOut).squareRoot()
      return Tensor((0..<shape.count).map { _ in Float(random.normal() * deviation) }, shape: shape)
    case .kaimingUniformFanIn: return uniform(within: (6 / fanIn).squareRoot(), shape, &random)
    case .uniformFanIn: return uniform(within: (1 / fanIn).squareRoot(), shape, &random)
    case .xavierUniform: return uniform(within: (6 / (fanIn + fanOut)).squareRoot(), shape, &random)
    }
  }

  private func uniform(within bound: Double, _ shape: Shape, _ random: inout RandomSource) -> Tensor {
    Tensor((0..<shape.count).map { _ in Float(random.uniform(-bound, bound)) }, shape: shape)
  }
}
