import Layers
import Tensors

/// A multilayer perceptron of single pixels: two layers of 64 channels, each a 1 x 1 convolution, normalised
/// and rectified.
///
/// No publisher has it; its parameters are `layers.<i>.0`, the convolution, and `layers.<i>.1`, the
/// normalisation.
public struct PixelMLP: Encoder {
  /// `mlp`, which is an encoder of ``PixelwiseClassifier`` alone.
  static let design = EncoderDesign(
    "mlp", [], describe: description, make: { PixelMLP($0, in: $1) })

  private static let widths = [64, 64]

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let layers: [NormalizedConvolution]

  /// Makes `layers` in `scope`.
  init(_ options: EncoderOptions, in scope: ParameterScope) {
    precondition(
      options.classes == nil && options.dilation == nil, "single pixels are neither scored nor dilated")
    description = Self.description(options)
    let inputs = [options.bands] + Self.widths
    layers = Self.widths.enumerated().map { index, outputs in
      let layer = scope.child("layers").child("\(index)")
      return NormalizedConvolution(
        .init(inputs: inputs[index], outputs: outputs, kernel: SlidingKernel(size: 1)), activation: .relu,
        convolution: layer.child("0"), norm: layer.child("1"))
    }
  }

  /// Describes the encoder: `layers.0` and `layers.1`, at the image's resolution, are its maps and parts.
  static func description(_ options: EncoderOptions) -> EncoderDescription {
    EncoderDescription(
      maps: widths.enumerated().map { FeatureMap(name: "layers.\($0)", channels: $1, stride: 1) },
      parts: widths.indices.map {
        NetworkPart(.encoder, name: "layer\($0 + 1)", prefixes: ["layers.\($0)."])
      },
      firstConvolution: "layers.0.0.weight", input: InputContract(bands: options.bands))
  }

  /// Computes two maps `[N, 64, H, W]` of `[N, C, H, W]`.
  public func features(of input: Value, in pass: Pass) -> Features {
    var (features, value) = ([Value](), input)
    for layer in layers {
      value = layer(value, in: pass)
      features.append(value)
    }
    return Features(maps: features)
  }

  /// Traps, because the encoder has no classes of whole images.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    preconditionFailure("single pixels are not pooled")
  }

  /// Traps, because the encoder has no classes of whole images.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    preconditionFailure("single pixels have no scores of the image")
  }
}
