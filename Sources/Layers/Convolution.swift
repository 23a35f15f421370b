import Tensors

/// A two-dimensional convolution.
public struct Convolution {
  /// Extents and options of a convolution.
  public struct Options: Hashable, Sendable {
    /// Channels in (C) and out (K).
    public var inputs, outputs: Int
    /// Size, stride and padding.
    public var kernel: SlidingKernel
    /// Whether each filter has an offset.
    public var hasBias: Bool

    /// Options of a convolution.
    public init(inputs: Int, outputs: Int, kernel: SlidingKernel, hasBias: Bool = false) {
      (self.inputs, self.outputs, self.kernel, self.hasBias) = (inputs, outputs, kernel, hasBias)
    }
  }

  private let kernel: SlidingKernel
  private let weight: Parameter
  private let bias: Parameter?

  /// Makes `weight` `[K, C, k, k]` and, if wanted, `bias` `[K]` (zero at first) in `scope`.
  public init(_ options: Options, in scope: ParameterScope, initializer: Initializer) {
    kernel = options.kernel
    weight = scope.parameter(
      "weight", .weight, shape: [options.outputs, options.inputs, kernel.size, kernel.size],
      initializer: initializer)
    bias =
      options.hasBias
      ? scope.parameter("bias", .bias, shape: [options.outputs], initializer: .constant(0)) : nil
  }

  /// Convolves `[N, C, H, W]` to `[N, K, H', W']`, H' = floor((H + 2p - k) / s) + 1.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pass.tape.convolution(input, weight: pass.value(of: weight), bias: bias.map(pass.value), kernel: kernel)
  }
}
