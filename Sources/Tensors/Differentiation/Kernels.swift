/// What a batch normalisation leaves behind for its adjoint and for the running statistics.
public struct BatchStatistics {
  /// Mean of each channel, `[C]`.
  public let mean: Tensor
  /// Biased variance of each channel, `[C]`.
  public let variance: Tensor
  /// Which outputs the fused ReLU let through, in the form of the kernel set that made it.
  package let passed: Workspace?

  package init(mean: Tensor, variance: Tensor, passed: Workspace?) {
    (self.mean, self.variance, self.passed) = (mean, variance, passed)
  }
}

/// The operations that networks are made of, on one library.
///
/// Tensors are `[N, C, H, W]` unless said otherwise, in any layout that the same kernel set made, or plain. Shapes that do
/// not fit are a programmer's error and trap with both shapes.
///
/// Several threads may use one set at once, each with weights of its own: a weight keeps its packed copies unguarded.
///
/// NaN goes through convolutions, normalisations without ReLU and sums, but a fused ReLU may make it 0 and a maximum passes
/// it over: a network's finite score says nothing about its input. Whoever fills a batch replaces invalid pixels first
/// and keeps their mask.
public protocol Kernels: Sendable {
  /// The library and its version, as the provenance of a product records it.
  var name: String { get }

  /// Frees what was prepared for the shapes seen so far; called between stages that see other shapes.
  func releasePrepared()

  /// A recorded network made ready to run many times.
  func prepared(_ graph: InferenceGraph) -> any PreparedInference

  /// The tensor in row-major order; itself when it is plain already.
  func plain(_ input: Tensor) -> Tensor

  /// Convolves `[N, C, H, W]` with `weight` `[K, C / g, k, l]`, adds `bias` `[K]`; gives `[N, K, H', W']`.
  ///
  /// The number of groups g is that of the weight: each K / g filters see channels C / g of their own.
  func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor
  /// The gradient of ``convolution(_:weight:bias:kernel:)`` with respect to its input of shape `inputShape`.
  func convolutionInputGradient(_ gradient: Tensor, weight: Tensor, inputShape: Shape, kernel: SlidingKernel)
    -> Tensor
  /// The gradients with respect to weight (plain, `[K, C / g, k, l]`) and, where there is one, bias (`[K]`).
  func convolutionWeightGradient(
    _ gradient: Tensor, input: Tensor, weightShape: Shape, hasBias: Bool, kernel: SlidingKernel
  ) -> (weight: Tensor, bias: Tensor?)

  /// Normalises each channel by the batch's own mean and biased variance, then scale, shift and, if asked, ReLU.
  func batchNormalization(_ input: Tensor, scale: Tensor, shift: Tensor, epsilon: Float, relu: Bool)
    -> (output: Tensor, statistics: BatchStatistics)
  /// The same with given statistics.
  func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor
  /// The gradients of the batch's own normalisation.
  func batchNormalizationGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, shift: Tensor, statistics: BatchStatistics,
    epsilon: Float
  ) -> (input: Tensor, scale: Tensor, shift: Tensor)

  /// The largest value under each kernel position; padding never wins. `places` is what the adjoint needs.
  func maxPooling(_ input: Tensor, kernel: SlidingKernel, recording: Bool) -> (
    output: Tensor, places: Workspace?
  )
  /// The gradient of ``maxPooling(_:kernel:recording:)``: each goes to the place the maximum came from.
  func maxPoolingGradient(_ gradient: Tensor, places: Workspace, inputShape: Shape, kernel: SlidingKernel)
    -> Tensor

  /// Nearest-neighbour resampling to `height` x `width`: output row r takes input row floor(r * H / height).
  func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor
  /// The gradient of ``nearestResampling(_:height:width:)``: sums over the outputs that one input fed.
  func nearestResamplingGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor

  /// Joins along the channels.
  func concatenation(_ inputs: [Tensor]) -> Tensor
  /// Cuts along the channels, the inverse of ``concatenation(_:)``.
  func channelSplit(_ input: Tensor, channels: [Int]) -> [Tensor]

  /// The mean under each kernel position, zeros of the padding counted.
  func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor
  /// The gradient of ``averagePooling(_:kernel:)``.
  func averagePoolingGradient(_ gradient: Tensor, inputShape: Shape, kernel: SlidingKernel) -> Tensor

  /// The mean of each channel, `[N, C, 1, 1]`.
  func channelMeans(_ input: Tensor) -> Tensor
  /// The gradient of ``channelMeans(_:)``.
  func channelMeansGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor

  /// Each channel of `[N, C, H, W]` times its factor in `[N, C, 1, 1]`.
  func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor
  /// The gradients of ``channelProduct(_:factors:)``.
  func channelProductGradient(_ gradient: Tensor, input: Tensor, factors: Tensor) -> (
    input: Tensor, factors: Tensor
  )

  /// Applies a function to each number.
  func activation(_ input: Tensor, _ function: Activation) -> Tensor
  /// The gradient of ``activation(_:_:)`` at `input`.
  func activationGradient(_ gradient: Tensor, input: Tensor, _ function: Activation) -> Tensor

  /// The result of an operation on plain tensors.
  func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor

  /// The sum of two tensors of one shape.
  func sum(_ left: Tensor, _ right: Tensor) -> Tensor
  /// max(x, 0) of the sum of two tensors: the end of a residual block.
  func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor
  /// The gradient of a ReLU whose output was `output`.
  func rectifierGradient(_ gradient: Tensor, output: Tensor) -> Tensor

  /// The product of two plain matrices `[m, k]` and `[k, n]`, either one given transposed.
  func matrixProduct(_ left: Tensor, _ right: Tensor, transposeLeft: Bool, transposeRight: Bool) -> Tensor
}
