/// The statistics that a batch normalisation keeps for its adjoint and for the running statistics.
public struct BatchStatistics {
  /// Mean of each channel, `[C]`.
  public let mean: Tensor
  /// Biased variance of each channel, `[C]`.
  public let variance: Tensor
  /// The outputs that the fused ReLU let through, in the form of the kernel set that made it.
  package let passed: Workspace?

  package init(mean: Tensor, variance: Tensor, passed: Workspace?) {
    (self.mean, self.variance, self.passed) = (mean, variance, passed)
  }
}
