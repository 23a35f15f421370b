import Layers
import Tensors

/// A convolution, batch normalisation and ReLU, as decoders repeat it.
struct DecoderConvolution {
  private let convolution: Convolution
  private let norm: BatchNormalization

  /// Makes the convolution's parameters in one scope, the normalisation's in another.
  init(inputs: Int, outputs: Int, kernel: SlidingKernel, convolution: ParameterScope, norm: ParameterScope) {
    self.convolution = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: kernel), in: convolution,
      initializer: .kaimingUniformFanIn)
    self.norm = BatchNormalization(channels: outputs, activation: .relu, in: norm)
  }

  /// Makes `0`, the convolution, and `1`, the normalisation, in `scope`.
  init(inputs: Int, outputs: Int, kernel: SlidingKernel, in scope: ParameterScope) {
    self.init(
      inputs: inputs, outputs: outputs, kernel: kernel, convolution: scope.child("0"), norm: scope.child("1"))
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    norm(convolution(input, in: pass), in: pass)
  }
}

/// A convolution that looks around in each channel by itself, then mixes the channels of each pixel, with
/// normalisation and ReLU.
struct SeparableConvolution {
  private let depthwise: Convolution
  private let pointwise: DecoderConvolution

  /// Makes `0` and `1`, the two convolutions, in one scope, the normalisation's parameters in another.
  init(inputs: Int, outputs: Int, dilation: Int = 1, convolutions: ParameterScope, norm: ParameterScope) {
    depthwise = Convolution(
      .init(
        inputs: inputs, outputs: inputs, kernel: .centered(size: 3, dilation: dilation), groups: inputs),
      in: convolutions.child("0"), initializer: .kaimingUniformFanIn)
    pointwise = DecoderConvolution(
      inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1), convolution: convolutions.child("1"),
      norm: norm)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pointwise(depthwise(input, in: pass), in: pass)
  }
}
