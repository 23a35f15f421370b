/// The operations that a network runs forward on, with given statistics: those of inference.
///
/// Tensors are `[N, C, H, W]` unless said otherwise, in any layout that the same kernels made, or plain.
/// Shapes that do not fit are a programmer's error and trap with both shapes.
///
/// NaN goes through convolutions, normalisations without ReLU and sums, but a fused ReLU may make it 0 and a
/// maximum passes it over: a network's finite score says nothing about its input. Whoever fills a batch
/// replaces invalid pixels first and keeps their mask.
public protocol ForwardKernels {
  /// The device that computes, in whose memory results lie. Operands may lie in the host's memory as well:
  /// images, parameters.
  var device: Device { get }

  /// Returns the tensor in row-major order; itself when it is plain already.
  func plain(_ input: Tensor) -> Tensor

  /// Convolves `[N, C, H, W]` with `weight` `[K, C / g, k, l]`, adds `bias` `[K]`; gives `[N, K, H', W']`.
  ///
  /// The number of groups g is that of the weight: each K / g filters see channels C / g of their own.
  func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor

  /// Normalises each channel by given statistics, then scale, shift and, if asked, ReLU.
  func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor

  /// Returns the largest value under each kernel position; padding never wins.
  func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor

  /// Returns the mean under each kernel position, zeros of the padding counted.
  func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor

  /// Nearest-neighbour resampling to `height` x `width`: output row r takes input row floor(r * H / height).
  func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor

  /// Joins along the channels.
  func concatenation(_ inputs: [Tensor]) -> Tensor

  /// Returns the mean of each channel, `[N, C, 1, 1]`.
  func channelMeans(_ input: Tensor) -> Tensor

  /// Each channel of `[N, C, H, W]` times its factor in `[N, C, 1, 1]`.
  func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor

  /// Applies a function to each number.
  func activation(_ input: Tensor, _ function: Activation) -> Tensor

  /// Returns the result of an operation on plain tensors, by the operation's own code for the host or by a
  /// form that these kernels have.
  func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor

  /// Returns the sum of two tensors of one shape.
  func sum(_ left: Tensor, _ right: Tensor) -> Tensor

  /// max(x, 0) of the sum of two tensors: the end of a residual block.
  func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor
}
