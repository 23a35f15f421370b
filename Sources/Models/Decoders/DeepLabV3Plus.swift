import Layers
import Tensors

/// A pyramid of dilated convolutions over the encoder's last map, joined with its map at 1/4 of the resolution.
///
/// For images whose sides are multiples of 16 it is segmentation_models_pytorch's `DeepLabV3Plus`, which takes no others: what it
/// magnifies by 4 is resampled here to the size of the map at 1/4 and of the image.
///
/// - Source: Chen et al. 2018, arXiv:1802.02611. Names and details as there: last stage dilated by 2, separable convolutions,
///   corners on corners in resampling; there is no dropout in the pyramid.
public struct DeepLabV3Plus: SegmentationNetwork {
  private static let detailChannels = 48

  /// Everything learned or collected.
  public let parameters: ParameterList
  private let encoder: SegmentationEncoder
  private let pyramid: AtrousPyramid
  private let context, joining: SeparableConvolution
  private let detail: DecoderConvolution
  private let head: Convolution

  init(encoder architecture: BackboneArchitecture, input: NetworkInput, classes: Int, in root: ParameterScope)
  {
    parameters = root.parameters
    encoder = SegmentationEncoder(architecture, input: input, dilation: .smp, named: "encoder", in: root)
    let (decoder, channels) = (root.child("decoder"), AtrousPyramid.outputs)
    let contexts = decoder.child("aspp")
    pyramid = AtrousPyramid(inputs: encoder.channels.last!, isSeparable: true, in: contexts.child("0"))
    context = SeparableConvolution(
      inputs: channels, outputs: channels, convolutions: contexts.child("1"), norm: contexts.child("2"))
    detail = DecoderConvolution(
      inputs: encoder.channels[1], outputs: Self.detailChannels, kernel: SlidingKernel(size: 1),
      in: decoder.child("block1"))
    let block = decoder.child("block2")
    joining = SeparableConvolution(
      inputs: channels + Self.detailChannels, outputs: channels, convolutions: block.child("0"),
      norm: block.child("1"))
    head = Convolution(
      .init(inputs: channels, outputs: classes, kernel: SlidingKernel(size: 1), hasBias: true),
      in: root.child("segmentation_head").child("0"), initializer: .xavierUniform)
  }

  /// The encoder's parts from the input on, then decoder and head.
  public var parts: [NetworkPart] {
    encoder.parts(decoder: ["decoder."], head: ["segmentation_head."])
  }

  /// See ``SegmentationNetwork``.
  public var firstConvolution: String { encoder.firstConvolution }

  /// See ``SegmentationNetwork``.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// See ``SegmentationNetwork``.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation {
    let (tape, maps) = (pass.tape, encoder(input, in: pass))
    let (size, fine) = (input.tensor.shape, maps[1].tensor.shape)
    let coarse = context(pyramid(maps.last!, in: pass), in: pass)
    let magnified = tape.bilinearResampling(
      coarse, height: fine.height, width: fine.width, alignsCorners: true)
    let features = joining(tape.concatenation([magnified, detail(maps[1], in: pass)]), in: pass)
    let scores = tape.bilinearResampling(
      head(pass.dropout(features), in: pass), height: size.height, width: size.width, alignsCorners: true)
    return Segmentation(scores: scores, features: features)
  }
}
