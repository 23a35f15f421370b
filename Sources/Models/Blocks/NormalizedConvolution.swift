import Layers
import Tensors

/// The numbers of a batch normalisation that publishers do not agree on.
struct NormalizationConstants {
  var epsilon: Float = 1e-5
  var momentum: Float = 0.1
}

/// A convolution and its normalisation.
struct NormalizedConvolution {
  private let convolution: Convolution
  private let norm: BatchNormalization
  private let padding: ImagePadding

  /// Makes the convolution's parameters in one scope, the normalisation's in another.
  ///
  /// - Parameter padding: takes the place of the kernel's own zeros, unless these are what counts.
  init(
    _ options: Convolution.Options, padding: ImagePadding = .ofKernel, activation: Activation?,
    constants: NormalizationConstants = .init(), convolution: ParameterScope, norm: ParameterScope
  ) {
    var options = options
    switch padding {
    case .ofKernel: break
    case .sameAt(let extent): options.kernel = options.kernel.padded(forExtent: extent)
    case .same: options.kernel = options.kernel.unpadded  // each image says how it is padded
    }
    self.padding = padding
    self.convolution = Convolution(options, in: convolution, initializer: .kaimingNormalFanOut)
    self.norm = BatchNormalization(
      channels: options.outputs, activation: activation, in: norm, epsilon: constants.epsilon,
      momentum: constants.momentum)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    norm(convolution(input, paddedBy: padding, in: pass), in: pass)
  }
}
