import Layers
import Tensors

/// Weighs each channel by a gate computed from the means of all channels.
///
/// - Source: Hu et al. 2017, arXiv:1709.01507.
struct SqueezeExcitation {
  /// The choices of an architecture.
  struct Options {
    /// Channels between the two maps.
    var squeezed: Int
    /// The function between them.
    var activation: Activation
    /// The function that makes factors of their result.
    var gate: Activation
  }

  private let reduce, expand: Convolution
  private let options: Options

  /// Makes two 1 x 1 convolutions with bias in the scopes given.
  init(_ options: Options, channels: Int, reduce: ParameterScope, expand: ParameterScope) {
    func pointwise(_ inputs: Int, _ outputs: Int, _ scope: ParameterScope) -> Convolution {
      Convolution(
        .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1), hasBias: true), in: scope,
        initializer: .kaimingNormalFanOut)
    }
    self.reduce = pointwise(channels, options.squeezed, reduce)
    self.expand = pointwise(options.squeezed, channels, expand)
    self.options = options
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let tape = pass.tape
    let squeezed = tape.activation(reduce(tape.channelMeans(input), in: pass), options.activation)
    return tape.channelProduct(input, factors: tape.activation(expand(squeezed, in: pass), options.gate))
  }
}
