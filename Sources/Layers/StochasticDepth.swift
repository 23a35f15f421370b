import Tensors

/// Drops the branch of a residual block for some images of a training batch, which go through the shortcut
/// alone.
///
/// - Source: Huang et al. 2016, arXiv:1603.09382: the probability grows linearly with the block, here from 0
///   at the first to ``TrainingNoise/stochasticDepth`` at the last; branches that stay are divided by the
///   share that does.
public struct StochasticDepth {
  /// The part of the last block's probability that this one has.
  private let share: Float

  /// Creates the noise of block `index` of `count`, counted through the whole network from 0 on.
  public init(block index: Int, of count: Int) {
    precondition(index >= 0 && index < count, "there is no block \(index) of \(count)")
    share = count > 1 ? Float(index) / Float(count - 1) : 0
  }

  /// Returns what is left of a branch, `[N, C, H, W]` or tokens `[N, L, C]`; the branch itself where the pass
  /// has no such noise.
  public func callAsFunction(_ branch: Value, in pass: Pass) -> Value {
    guard let noise = pass.noise, noise.stochasticDepth * share > 0 else { return branch }
    let shape = branch.tensor.shape
    let factors = noise.factors(shape[0], dropping: noise.stochasticDepth * share)
    if shape.rank == 4 {
      return pass.tape.channelProduct(
        branch, constants: factors.flatMap { Array(repeating: $0, count: shape.channels) })
    }
    return pass.tape.broadcastProduct(branch, Value(Tensor(factors, shape: [shape[0], 1, 1])))
  }
}
