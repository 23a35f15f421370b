import Layers
import Tensors

/// Features of the surroundings of each pixel at five scales: the pixel, 3 x 3 kernels dilated by 12, 24 and
/// 36, and the whole image's mean.
///
/// A dropout follows in training elsewhere; there is none here.
///
/// - Source: Chen et al. 2017, arXiv:1706.05587; with separable convolutions Chen et al. 2018,
///   arXiv:1802.02611.
struct AtrousPyramid {
  private static let rates = [12, 24, 36]

  /// Channels of the result.
  static let outputs = 256

  private let pixel, image, projection: DecoderConvolution
  private let surroundings: [Surroundings]

  private enum Surroundings {
    case dense(DecoderConvolution)
    case separable(SeparableConvolution)
  }

  /// Makes `convs` and `project` in `scope`, named alike by torchvision and segmentation_models_pytorch.
  init(inputs: Int, isSeparable: Bool, in scope: ParameterScope) {
    let (outputs, branches) = (Self.outputs, scope.child("convs"))
    pixel = DecoderConvolution(
      inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1), in: branches.child("0"))
    surroundings = Self.rates.enumerated().map { index, rate in
      let branch = branches.child("\(index + 1)")
      if isSeparable {
        return .separable(
          SeparableConvolution(
            inputs: inputs, outputs: outputs, dilation: rate, convolutions: branch.child("0"),
            norm: branch.child("1")))
      }
      return .dense(
        DecoderConvolution(
          inputs: inputs, outputs: outputs, kernel: .centered(size: 3, dilation: rate), in: branch))
    }
    let last = branches.child("\(Self.rates.count + 1)")
    image = DecoderConvolution(
      inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1), convolution: last.child("1"),
      norm: last.child("2"))
    projection = DecoderConvolution(
      inputs: (Self.rates.count + 2) * outputs, outputs: outputs, kernel: SlidingKernel(size: 1),
      in: scope.child("project"))
  }

  /// Maps `[N, C, H, W]` to `[N, 256, H, W]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let shape = input.tensor.shape
    let around = surroundings.map { branch in
      switch branch {
      case .dense(let convolution): convolution(input, in: pass)
      case .separable(let convolution): convolution(input, in: pass)
      }
    }
    // A single pixel is the same everywhere, however it is resampled.
    let whole = pass.tape.nearestResampling(
      image(pass.tape.channelMeans(input), in: pass), height: shape.height, width: shape.width)
    return projection(pass.tape.concatenation([pixel(input, in: pass)] + around + [whole]), in: pass)
  }
}
