import Layers
import Tensors

/// A dilated encoder and a head of two convolutions, whose scores are resampled to the image's size.
///
/// - Source: Long et al. 2014, arXiv:1411.4038. Names and details as in torchvision's `fcn_resnet50` and
///   `fcn_resnet101`; the auxiliary classifier of their files, which only training reads there, is passed
///   over; their dropout of 0.1 is up to the pass's ``TrainingNoise``.
struct FCN: Decoder {
  /// The published networks with this decoder.
  static let design = DecoderDesign(
    name: "fcn", scheme: .torchvision, encoderPlace: "backbone", dilation: .torchvision,
    paths: ["classifier.0.", "classifier.1."], passedOver: ["aux_classifier"],
    head: .init(path: "classifier.4.", place: "classifier.4", resampling: .pixelsOnPixels),
    featureChannels: { $0.last! / 4 }, make: { FCN($0, in: $1.child("classifier")) })

  private let convolution: DecoderConvolution

  private init(_ plan: DecoderPlan, in classifier: ParameterScope) {
    let inputs = plan.channels.last!
    convolution = DecoderConvolution(
      inputs: inputs, outputs: inputs / 4, kernel: .centered(size: 3), in: classifier)
  }

  /// Returns the last map with a quarter of its channels.
  func features(of input: DecoderInput, in pass: Pass) -> Value { convolution(input.maps.last!, in: pass) }
}
