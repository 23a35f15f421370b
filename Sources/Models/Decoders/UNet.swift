import Layers
import Tensors

/// An encoder, and a decoder that climbs back to full resolution with the encoder's features beside it.
///
/// - Source: Ronneberger et al. 2015, arXiv:1505.04597. Names and details as in segmentation_models_pytorch's `Unet`: nearest
///   upsampling to the size of the skip, decoder of 256, 128, 64, 32, 16 channels, 3 x 3 head; over a VGG two more convolutions
///   of the smallest map; over ConvNeXt and Swin, which have no map at half the resolution, no skip there.
public struct UNet: SegmentationNetwork {
  private static let decoderChannels = [256, 128, 64, 32, 16]

  /// Everything learned or collected.
  public let parameters: ParameterList
  private let encoder: SegmentationEncoder
  private let center: ConvolutionPair?
  private let blocks: [ConvolutionPair]
  private let hasImageSkip: Bool
  private let head: Convolution

  /// A network with fresh weights drawn from `seed`, or with parameters that wait for their values without one.
  public init(encoder depth: ResNet.Depth, bands: Int, classes: Int, seed: UInt64?) {
    let architecture = ResNet.architectures.first { $0.name == depth.rawValue }!
    self.init(
      encoder: architecture, input: NetworkInput(bands: bands), classes: classes,
      in: ParameterScope(ParameterList(), seed: seed))
  }

  /// - Parameter hasImageSkip: whether the last block sees the image beside what the decoder made of it, at full resolution, which no
  ///   publisher has: single pixels, banks and edges need not come back from half the resolution.
  init(
    encoder architecture: BackboneArchitecture, input: NetworkInput, classes: Int, hasImageSkip: Bool = false,
    in root: ParameterScope
  ) {
    self.hasImageSkip = hasImageSkip
    parameters = root.parameters
    encoder = SegmentationEncoder(architecture, input: input, named: "encoder", in: root)
    let decoder = root.child("decoder")
    var inputs = encoder.channels.last!
    center =
      architecture.name.hasPrefix("vgg")
      ? ConvolutionPair(
        inputs: inputs, outputs: inputs, names: ["0", "1"], in: decoder.child("center")) : nil
    let maps = encoder.channels.dropLast()
    // Over an encoder without a map at 1/2 the last block but one has no skip.
    let noSkips = Array(repeating: 0, count: Self.decoderChannels.count - 1 - maps.count)
    let skips = [hasImageSkip ? encoder.imageChannels : 0] + noSkips + maps
    var blocks: [ConvolutionPair] = []
    for (index, outputs) in Self.decoderChannels.enumerated() {
      let block = ConvolutionPair(
        inputs: inputs + skips[skips.count - 1 - index], outputs: outputs, names: ["conv1", "conv2"],
        in: decoder.child("blocks").child("\(index)"))
      blocks.append(block)
      inputs = outputs
    }
    self.blocks = blocks
    head = Convolution(
      .init(inputs: inputs, outputs: classes, kernel: .centered(size: 3), hasBias: true),
      in: root.child("segmentation_head").child("0"), initializer: .xavierUniform)
  }

  /// The encoder's parts from the input on, then decoder and head.
  public var parts: [NetworkPart] {
    encoder.parts(decoder: ["decoder."], head: ["segmentation_head."])
  }

  /// Where the weights of the first convolution are over a ResNet, `[64, C, 7, 7]`.
  public static let firstConvolution = "encoder.conv1.weight"

  /// See ``SegmentationNetwork``.
  public var firstConvolution: String { encoder.firstConvolution }

  /// See ``SegmentationNetwork``.
  public var imageConvolution: String? {
    hasImageSkip ? "decoder.blocks.\(blocks.count - 1).conv1.0.weight" : nil
  }

  /// See ``SegmentationNetwork``.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// See ``SegmentationNetwork``.
  public func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation {
    let features = encoder(input, in: pass)
    var value = features.last!
    if let center { value = center(value, in: pass) }
    let maps: [Value?] = features.dropLast()
    let image = hasImageSkip ? encoder.imageMap(of: input, in: pass) : nil
    let skips = [image] + Array(repeating: nil, count: blocks.count - 1 - maps.count) + maps
    for (block, (halvings, skip)) in zip(blocks, skips.enumerated().reversed()) {
      let upsampled = pass.tape.nearestResampling(
        value, height: skip?.tensor.shape.height ?? input.tensor.shape.height >> halvings,
        width: skip?.tensor.shape.width ?? input.tensor.shape.width >> halvings)
      value = block(skip.map { pass.tape.concatenation([upsampled, $0]) } ?? upsampled, in: pass)
    }
    return Segmentation(scores: head(pass.dropout(value), in: pass), features: value)
  }
}

/// Two 3 x 3 convolutions.
private struct ConvolutionPair {
  private let first, second: DecoderConvolution

  init(inputs: Int, outputs: Int, names: [String], in scope: ParameterScope) {
    first = DecoderConvolution(
      inputs: inputs, outputs: outputs, kernel: .centered(size: 3), in: scope.child(names[0]))
    second = DecoderConvolution(
      inputs: outputs, outputs: outputs, kernel: .centered(size: 3), in: scope.child(names[1]))
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    second(first(input, in: pass), in: pass)
  }
}
