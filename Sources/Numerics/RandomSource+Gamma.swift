import Foundation

extension RandomSource {
  /// Gamma-distributed with the given shape and a scale of 1; see ``GammaDistribution`` for many of one
  /// shape.
  public mutating func gamma(shape: Double) -> Double { GammaDistribution(shape: shape).draw(&self) }

  /// Beta-distributed on `[0, 1]`, with mean a / (a + b).
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let (left, right) = (gamma(shape: a), gamma(shape: b))
    // Both underflow at shapes of a hundredth and less, whose limit is a coin.
    guard left + right > 0 else { return uniform() * (a + b) < a ? 1 : 0 }
    return left / (left + right)
  }
}

/// The gamma distribution of a shape k > 0 and a scale of 1: mean and variance are both k.
///
/// - Source: Marsaglia & Tsang 2000, doi:10.1145/358407.358414; a shape below 1 by their section 6.
public struct GammaDistribution: Hashable, Sendable {
  /// k.
  public let shape: Double
  /// k - 1/3, or k + 2/3 below 1, and 1 / sqrt(9 times that).
  private let third, spread: Double

  /// Creates the distribution of a shape.
  public init(shape: Double) {
    precondition(shape > 0, "a gamma distribution of shape \(shape)")
    self.shape = shape
    third = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    spread = 1 / (9 * third).squareRoot()
  }

  /// Returns a value. Values are drawn until one is accepted, so how far the stream moves depends on them:
  /// whatever shares a stream with this should take a ``RandomSource/branch(_:)``.
  public func draw(_ random: inout RandomSource) -> Double {
    while true {
      let normal = random.zigguratNormal()
      let root = 1 + spread * normal
      guard root > 0 else { continue }
      let (cube, square, level) = (root * root * root, normal * normal, 1 - random.uniform())
      // The first test spares nearly all values the logarithms of the second, which alone decides.
      if level < 1 - 0.0331 * square * square
        || log(level) < 0.5 * square + third * (1 - cube + log(cube))
      {
        return shape < 1 ? third * cube * pow(1 - random.uniform(), 1 / shape) : third * cube
      }
    }
  }
}
