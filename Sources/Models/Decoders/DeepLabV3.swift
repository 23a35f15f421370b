import Layers
import Tensors

/// A dilated encoder, a pyramid of dilated convolutions, and scores that are resampled to the image's size.
///
/// - Source: Chen et al. 2017, arXiv:1706.05587. Names and details as in torchvision's
///   `deeplabv3_resnet50`, `deeplabv3_resnet101` and `deeplabv3_mobilenet_v3_large`; the auxiliary classifier
///   of their files, which only training reads there, is passed over, and so is the dropout of 0.5 in the
///   pyramid.
struct DeepLabV3: Decoder {
  /// The published networks with this decoder; of a MobileNet the files have its `features` only.
  static let design = DecoderDesign(
    name: "deeplabv3", scheme: .torchvision, encoderPlace: "backbone",
    elided: { $0.hasPrefix("mobilenet") ? "features" : nil }, dilation: .torchvision,
    paths: (0...2).map { "classifier.\($0)." }, passedOver: ["aux_classifier"],
    head: .init(path: "classifier.4.", place: "classifier.4", resampling: .pixelsOnPixels),
    featureChannels: { _ in AtrousPyramid.outputs }, make: { DeepLabV3($0, in: $1.child("classifier")) })

  private let pyramid: AtrousPyramid
  private let convolution: DecoderConvolution

  private init(_ plan: DecoderPlan, in classifier: ParameterScope) {
    pyramid = AtrousPyramid(inputs: plan.channels.last!, isSeparable: false, in: classifier.child("0"))
    convolution = DecoderConvolution(
      inputs: AtrousPyramid.outputs, outputs: AtrousPyramid.outputs, kernel: .centered(size: 3),
      convolution: classifier.child("1"), norm: classifier.child("2"))
  }

  /// Computes the features `[N, 256, H, W]`, at the last map's resolution.
  func features(of input: DecoderInput, in pass: Pass) -> Value {
    convolution(pyramid(input.maps.last!, in: pass), in: pass)
  }
}
