import Layers
import Tensors

/// A classifier that gives each pixel its class by its own bands, and by nothing around it.
///
/// Where a few labelled places say little of what surrounds the same class elsewhere, a network that sees surroundings learns them by
/// heart; this one cannot.
public struct PixelwiseClassifier: SegmentationNetwork {
  /// Everything learned or collected.
  public let parameters: ParameterList
  private let encoder: SegmentationEncoder
  private let head: Convolution

  init(encoder architecture: BackboneArchitecture, input: NetworkInput, classes: Int, in root: ParameterScope)
  {
    parameters = root.parameters
    encoder = SegmentationEncoder(architecture, input: input, named: "encoder", in: root)
    head = Convolution(
      .init(inputs: encoder.channels.last!, outputs: classes, kernel: SlidingKernel(size: 1), hasBias: true),
      in: root.child("head"), initializer: .xavierUniform)
  }

  /// The encoder's layers, a decoder without parameters, and the head.
  public var parts: [NetworkPart] { encoder.parts(decoder: [], head: ["head."]) }

  /// See ``SegmentationNetwork``.
  public var firstConvolution: String { encoder.firstConvolution }

  /// See ``SegmentationNetwork``.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// See ``SegmentationNetwork``.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation {
    let features = encoder(input, in: pass).last!
    return Segmentation(scores: head(pass.dropout(features), in: pass), features: features)
  }
}
