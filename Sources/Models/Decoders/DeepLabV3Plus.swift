import Layers
import Tensors

/// A pyramid of dilated convolutions over the encoder's last map, joined with its map at 1/4 of the
/// resolution.
///
/// For images whose sides are multiples of 16 it is segmentation_models_pytorch's `DeepLabV3Plus`, which
/// takes no others: what it magnifies by 4 is resampled here to the size of the map at 1/4 and of the image.
///
/// - Source: Chen et al. 2018, arXiv:1802.02611. Names and details as there: last stage dilated by 2,
///   separable convolutions, corners on corners in resampling; there is no dropout in the pyramid.
struct DeepLabV3Plus: Decoder {
  /// The published networks with this decoder.
  static let design = DecoderDesign(
    name: "deeplabv3plus", scheme: .smp, dilation: .smp, paths: ["decoder."],
    head: .init(path: "segmentation_head.", place: "segmentation_head.0", resampling: .cornersOnCorners),
    featureChannels: { _ in AtrousPyramid.outputs }, make: { DeepLabV3Plus($0, in: $1.child("decoder")) })

  private static let detailChannels = 48

  private let pyramid: AtrousPyramid
  private let context, joining: SeparableConvolution
  private let detail: DecoderConvolution

  private init(_ plan: DecoderPlan, in decoder: ParameterScope) {
    let channels = AtrousPyramid.outputs
    let contexts = decoder.child("aspp")
    pyramid = AtrousPyramid(inputs: plan.channels.last!, isSeparable: true, in: contexts.child("0"))
    context = SeparableConvolution(
      inputs: channels, outputs: channels, convolutions: contexts.child("1"), norm: contexts.child("2"))
    detail = DecoderConvolution(
      inputs: plan.channels[1], outputs: Self.detailChannels, kernel: SlidingKernel(size: 1),
      in: decoder.child("block1"))
    let block = decoder.child("block2")
    joining = SeparableConvolution(
      inputs: channels + Self.detailChannels, outputs: channels, convolutions: block.child("0"),
      norm: block.child("1"))
  }

  /// Computes the features `[N, 256, H, W]`, at 1/4 of the image's resolution.
  func features(of input: DecoderInput, in pass: Pass) -> Value {
    let (tape, maps) = (pass.tape, input.maps)
    let fine = maps[1].tensor.shape
    let coarse = context(pyramid(maps.last!, in: pass), in: pass)
    let magnified = tape.bilinearResampling(
      coarse, height: fine.height, width: fine.width, alignsCorners: true)
    return joining(tape.concatenation([magnified, detail(maps[1], in: pass)]), in: pass)
  }
}
