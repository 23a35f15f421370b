import Layers
import Tensors

/// A dilated encoder, a pyramid of dilated convolutions, and scores that are resampled to the image's size.
///
/// - Source: Chen et al. 2017, arXiv:1706.05587. Names and details as in torchvision's `deeplabv3_resnet50`, `deeplabv3_resnet101`
///   and `deeplabv3_mobilenet_v3_large`; the auxiliary classifier of their files, which only training reads there, is passed
///   over, and so is the dropout of 0.5 in the pyramid.
public struct DeepLabV3: SegmentationNetwork {
  /// Everything learned or collected.
  public let parameters: ParameterList
  private let encoder: SegmentationEncoder
  private let pyramid: AtrousPyramid
  private let convolution: DecoderConvolution
  private let head: Convolution

  init(encoder architecture: BackboneArchitecture, input: NetworkInput, classes: Int, in root: ParameterScope)
  {
    parameters = root.parameters
    encoder = SegmentationEncoder(
      architecture, input: input, dilation: .torchvision, named: "backbone",
      // Of a MobileNet the files have its `features` only.
      eliding: architecture.name.hasPrefix("mobilenet") ? "features" : nil, in: root)
    root.passOver(below: "aux_classifier")
    let (classifier, channels) = (root.child("classifier"), AtrousPyramid.outputs)
    pyramid = AtrousPyramid(
      inputs: encoder.channels.last!, isSeparable: false, in: classifier.child("0"))
    convolution = DecoderConvolution(
      inputs: channels, outputs: channels, kernel: .centered(size: 3), convolution: classifier.child("1"),
      norm: classifier.child("2"))
    head = Convolution(
      .init(inputs: channels, outputs: classes, kernel: SlidingKernel(size: 1), hasBias: true),
      in: classifier.child("4"), initializer: .xavierUniform)
  }

  /// The encoder's parts from the input on, then decoder and head.
  public var parts: [NetworkPart] {
    encoder.parts(decoder: (0...2).map { "classifier.\($0)." }, head: ["classifier.4."])
  }

  /// See ``SegmentationNetwork``.
  public var firstConvolution: String { encoder.firstConvolution }

  /// See ``SegmentationNetwork``.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// See ``SegmentationNetwork``.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation {
    let features = convolution(pyramid(encoder(input, in: pass).last!, in: pass), in: pass)
    let size = input.tensor.shape
    let scores = pass.tape.bilinearResampling(
      head(pass.dropout(features), in: pass), height: size.height, width: size.width, alignsCorners: false)
    return Segmentation(scores: scores, features: features)
  }
}
