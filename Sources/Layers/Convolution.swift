import Tensors

/// A two-dimensional convolution.
public struct Convolution {
  /// Extents and options of a convolution.
  public struct Options: Hashable, Sendable {
    /// Channels in (C) and out (K).
    public var inputs, outputs: Int
    /// Size, stride, padding and dilation.
    public var kernel: SlidingKernel
    /// Groups of channels, each with K / g filters of its own.
    public var groups: Int
    /// Whether each filter has an offset.
    public var hasBias: Bool

    /// Options of a convolution.
    public init(inputs: Int, outputs: Int, kernel: SlidingKernel, groups: Int = 1, hasBias: Bool = false) {
      (self.inputs, self.outputs, self.kernel) = (inputs, outputs, kernel)
      (self.groups, self.hasBias) = (groups, hasBias)
    }
  }

  /// Size, stride, padding and dilation.
  public let kernel: SlidingKernel
  private let weight: Parameter
  private let bias: Parameter?

  /// Makes `weight` `[K, C / g, k, l]` and, if wanted, `bias` `[K]` (zero at first) in `scope`.
  public init(_ options: Options, in scope: ParameterScope, initializer: Initializer) {
    kernel = options.kernel
    weight = scope.parameter(
      "weight", .weight,
      shape: [
        options.outputs, options.inputs / options.groups, kernel.rows.size, kernel.columns.size,
      ], initializer: initializer, of: options)
    bias =
      options.hasBias
      ? scope.parameter("bias", .bias, shape: [options.outputs], initializer: .constant(0)) : nil
  }

  /// Convolves `[N, C, H, W]` to `[N, K, H', W']`, H' = floor((H + padding - reach) / s) + 1.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    self(input, kernel: kernel, in: pass)
  }

  /// Convolves with padding that depends on the image.
  public func callAsFunction(_ input: Value, kernel: SlidingKernel, in pass: Pass) -> Value {
    pass.tape.convolution(input, weight: pass.value(of: weight), bias: bias.map(pass.value), kernel: kernel)
  }
}
