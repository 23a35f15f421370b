import Layers
import Tensors

/// An encoder, and a decoder that climbs back to full resolution with the encoder's features beside it.
///
/// - Source: Ronneberger et al. 2015, arXiv:1505.04597. Names and details as in segmentation_models_pytorch's `Unet`: nearest
///   upsampling to the size of the skip, decoder of 256, 128, 64, 32, 16 channels, 3 x 3 head.
public struct UNet: SegmentationNetwork {
  private static let decoderChannels = [256, 128, 64, 32, 16]

  /// Everything learned or collected.
  public let parameters: ParameterList
  private let encoder: ResNet
  private let blocks: [DecoderBlock]
  private let head: Convolution

  /// A network with fresh weights drawn from `seed`, or with zeros to be replaced without one.
  public init(encoder depth: ResNet.Depth, bands: Int, classes: Int, seed: UInt64?) {
    parameters = ParameterList()
    let root = ParameterScope(parameters, seed: seed)
    encoder = ResNet(depth, .init(bands: bands, scheme: .torchvision), in: root.child("encoder"))
    let skips = [0] + depth.channels.dropLast()  // the last block has no skip
    let decoder = root.child("decoder").child("blocks")
    var inputs = depth.channels.last!
    var blocks: [DecoderBlock] = []
    for (index, outputs) in Self.decoderChannels.enumerated() {
      let block = DecoderBlock(
        inputs: inputs + skips[skips.count - 1 - index], outputs: outputs, in: decoder.child("\(index)"))
      blocks.append(block)
      inputs = outputs
    }
    self.blocks = blocks
    head = Convolution(
      .init(inputs: inputs, outputs: classes, kernel: SlidingKernel(size: 3, padding: 1), hasBias: true),
      in: root.child("segmentation_head").child("0"), initializer: .xavierUniform)
  }

  /// The encoder's stages from the input on, then decoder and head.
  public var stages: [NetworkStage] {
    [
      NetworkStage(name: "stem", prefixes: ["encoder.conv1.", "encoder.bn1."]),
      NetworkStage(name: "layer1", prefixes: ["encoder.layer1."]),
      NetworkStage(name: "layer2", prefixes: ["encoder.layer2."]),
      NetworkStage(name: "layer3", prefixes: ["encoder.layer3."]),
      NetworkStage(name: "layer4", prefixes: ["encoder.layer4."]),
      NetworkStage(name: "decoder", prefixes: ["decoder."]),
      NetworkStage(name: "head", prefixes: ["segmentation_head."]),
    ]
  }

  /// Where the weights of the first convolution are, `[64, C, 7, 7]`.
  public static let firstConvolution = "encoder.conv1.weight"

  /// See ``SegmentationNetwork``.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation {
    let features = encoder.features(of: input, in: pass)
    var value = features.last!
    for (index, block) in blocks.enumerated() {
      let place = features.count - 2 - index
      let skip = place >= 0 ? features[place] : nil
      let size = (skip ?? input).tensor.shape
      value = block(value, skip: skip, height: size.height, width: size.width, in: pass)
    }
    return Segmentation(scores: head(value, in: pass), features: value)
  }
}

/// Upsample, join with the skip, convolve twice.
private struct DecoderBlock {
  private let conv1, conv2: Convolution
  private let norm1, norm2: BatchNormalization

  init(inputs: Int, outputs: Int, in scope: ParameterScope) {
    let kernel = SlidingKernel(size: 3, padding: 1)
    conv1 = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: kernel), in: scope.child("conv1").child("0"),
      initializer: .kaimingUniformFanIn)
    norm1 = BatchNormalization(channels: outputs, activation: .relu, in: scope.child("conv1").child("1"))
    conv2 = Convolution(
      .init(inputs: outputs, outputs: outputs, kernel: kernel), in: scope.child("conv2").child("0"),
      initializer: .kaimingUniformFanIn)
    norm2 = BatchNormalization(channels: outputs, activation: .relu, in: scope.child("conv2").child("1"))
  }

  func callAsFunction(_ input: Value, skip: Value?, height: Int, width: Int, in pass: Pass) -> Value {
    let upsampled = pass.tape.nearestResampling(input, height: height, width: width)
    let joined = skip.map { pass.tape.concatenation([upsampled, $0]) } ?? upsampled
    return norm2(conv2(norm1(conv1(joined, in: pass), in: pass), in: pass), in: pass)
  }
}
