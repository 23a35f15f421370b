import Layers
import Tensors

/// A classifier that gives each pixel its class by its own bands, and by nothing around it.
///
/// Where a few labelled places say little of what surrounds the same class elsewhere, a network that sees
/// surroundings learns them by heart; this one cannot.
struct PixelwiseClassifier: Decoder {
  static let design = DecoderDesign(
    name: "pixelwise", scheme: .terrane, paths: [], head: .init(path: "head.", place: "head"),
    featureChannels: { $0.last! }, make: { _, _ in PixelwiseClassifier() })

  /// Returns the last map itself.
  func features(of input: DecoderInput, in pass: Pass) -> Value { input.maps.last! }
}
