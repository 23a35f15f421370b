/// The operations that training adds to those of inference: statistics of a batch, and the adjoint of every
/// operation.
///
/// A gradient is that of a scalar with respect to an operation's result; what comes back is the gradient with
/// respect to the operation's inputs.
public protocol AdjointKernels: ForwardKernels {
  /// Returns the gradient of ``ForwardKernels/convolution(_:weight:bias:kernel:)`` with respect to its input
  /// of shape `inputShape`.
  func convolutionInputGradient(_ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel)
    -> Tensor
  /// Returns the gradients with respect to weight (plain, `[K, C / g, k, l]`) and, where there is one, bias
  /// (`[K]`).
  func convolutionWeightGradient(
    _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
  ) -> (weight: Tensor, bias: Tensor?)

  /// Normalises each channel by the batch's own mean and biased variance, then scale, shift and, if asked,
  /// ReLU.
  func batchNormalization(_ input: Tensor, scale: Tensor, shift: Tensor, epsilon: Float, relu: Bool)
    -> (output: Tensor, statistics: BatchStatistics)
  /// Returns the gradients of the batch's own normalisation.
  func batchNormalizationGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, shift: Tensor, statistics: BatchStatistics,
    epsilon: Float
  ) -> (input: Tensor, scale: Tensor, shift: Tensor)

  /// Returns the largest value under each kernel position, and where it came from, in the form of the kernel
  /// set that looked.
  func maxPoolingWithPlaces(_ input: Tensor, kernel: SlidingKernel) -> (output: Tensor, places: Workspace)
  /// Returns the gradient of ``maxPoolingWithPlaces(_:kernel:)``: each goes to the place the maximum came
  /// from.
  func maxPoolingGradient(_ gradient: Tensor, places: Workspace, inputShape: Shape, kernel: SlidingKernel)
    -> Tensor

  /// Returns the gradient of ``ForwardKernels/averagePooling(_:kernel:)``.
  func averagePoolingGradient(_ gradient: Tensor, inputShape: Shape, kernel: SlidingKernel) -> Tensor

  /// Returns the gradient of ``ForwardKernels/nearestResampling(_:height:width:)``: sums over the outputs
  /// that one input fed.
  func nearestResamplingGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor

  /// Cuts along the channels, the inverse of ``ForwardKernels/concatenation(_:)``.
  func channelSplit(_ input: Tensor, channels: [Int]) -> [Tensor]

  /// Returns the gradient of ``ForwardKernels/channelMeans(_:)``.
  func channelMeansGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor

  /// Returns the gradients of ``ForwardKernels/channelProduct(_:factors:)``.
  func channelProductGradient(_ gradient: Tensor, input: Tensor, factors: Tensor) -> (
    input: Tensor, factors: Tensor
  )

  /// Returns the gradient of ``ForwardKernels/activation(_:_:)`` at `input`.
  func activationGradient(_ gradient: Tensor, input: Tensor, _ function: Activation) -> Tensor

  /// Returns the gradients of an operation on plain tensors with respect to each wanted input; of the inputs
  /// of an operation whose ``ForwardKernels/result(of:_:)`` was `result`.
  func gradients(
    of operation: any PlainOperation, _ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]
  ) -> [Tensor?]

  /// Returns the gradient of a ReLU whose output was `output`.
  func rectifierGradient(_ gradient: Tensor, output: Tensor) -> Tensor

  /// Returns the product of two plain matrices `[m, k]` and `[k, n]`, either one given transposed.
  func matrixProduct(_ left: Tensor, _ right: Tensor, transposeLeft: Bool, transposeRight: Bool) -> Tensor
}

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
