import Numerics
import Tensors

/// Chance that keeps a network from relying on single channels and blocks while it trains.
///
/// A pass draws in the order of the network's layers, so that the same network on the same shapes repeats
/// from the state of ``random``; several passes in turn go on from each other's.
public final class TrainingNoise {
  /// The share of the channels that the head reads that are dropped in each image, in `0 ..< 1`.
  public let dropout: Float
  /// The probability, in `0 ..< 1`, that the last residual block is dropped for an image; see
  /// ``StochasticDepth``.
  public let stochasticDepth: Float
  /// The random numbers of the next pass.
  public var random: RandomSource

  /// Noise; a share of 0 draws nothing.
  public init(dropout: Float, stochasticDepth: Float, random: RandomSource) {
    precondition(
      [dropout, stochasticDepth].allSatisfy { $0 >= 0 && $0 < 1 },
      "shares to drop are in 0 ..< 1: \(dropout), \(stochasticDepth)")
    (self.dropout, self.stochasticDepth, self.random) = (dropout, stochasticDepth, random)
  }

  /// 0 with probability `rate`, else 1 / (1 - rate), so that the mean is 1.
  func factors(_ count: Int, dropping rate: Float) -> [Float] {
    (0..<count).map { _ in random.uniform() < Double(rate) ? 0 : 1 / (1 - rate) }
  }
}

extension Pass {
  /// Drops whole channels of each image `[N, C, H, W]`, those that stay divided by the share that does; the
  /// features themselves where the pass has no such noise.
  ///
  /// - Source: Tompson et al. 2015, arXiv:1411.4280, as PyTorch's `Dropout2d`.
  public func dropout(_ features: Value) -> Value {
    guard let noise, noise.dropout > 0 else { return features }
    let shape = features.tensor.shape
    return tape.channelProduct(
      features, constants: noise.factors(shape.batch * shape.channels, dropping: noise.dropout))
  }
}
