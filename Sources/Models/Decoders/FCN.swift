import Layers
import Tensors

/// A dilated encoder and a head of two convolutions, whose scores are resampled to the image's size.
///
/// - Source: Long et al. 2014, arXiv:1411.4038. Names and details as in torchvision's `fcn_resnet50` and `fcn_resnet101`; the
///   auxiliary classifier of their files, which only training reads there, is passed over; their dropout of 0.1 is up to the
///   pass's ``TrainingNoise``.
public struct FCN: SegmentationNetwork {
  /// Everything learned or collected.
  public let parameters: ParameterList
  private let encoder: SegmentationEncoder
  private let convolution: DecoderConvolution
  private let head: Convolution

  init(encoder architecture: BackboneArchitecture, input: NetworkInput, classes: Int, in root: ParameterScope)
  {
    parameters = root.parameters
    encoder = SegmentationEncoder(
      architecture, input: input, dilation: .torchvision, named: "backbone", in: root)
    root.passOver(below: "aux_classifier")
    let classifier = root.child("classifier")
    let inputs = encoder.channels.last!
    convolution = DecoderConvolution(
      inputs: inputs, outputs: inputs / 4, kernel: .centered(size: 3), in: classifier)
    head = Convolution(
      .init(inputs: inputs / 4, outputs: classes, kernel: SlidingKernel(size: 1), hasBias: true),
      in: classifier.child("4"), initializer: .xavierUniform)
  }

  /// The encoder's parts from the input on, then decoder and head.
  public var parts: [NetworkPart] {
    encoder.parts(decoder: ["classifier.0.", "classifier.1."], head: ["classifier.4."])
  }

  /// See ``SegmentationNetwork``.
  public var firstConvolution: String { encoder.firstConvolution }

  /// See ``SegmentationNetwork``.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// See ``SegmentationNetwork``.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation {
    let features = convolution(encoder(input, in: pass).last!, in: pass)
    let size = input.tensor.shape
    let scores = pass.tape.bilinearResampling(
      head(pass.dropout(features), in: pass), height: size.height, width: size.width, alignsCorners: false)
    return Segmentation(scores: scores, features: features)
  }
}
