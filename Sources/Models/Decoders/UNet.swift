import Layers
import Tensors

/// An encoder, and a decoder that climbs back to full resolution with the encoder's features beside it.
///
/// - Source: Ronneberger et al. 2015, arXiv:1505.04597. Names and details as in
///   segmentation_models_pytorch's `Unet`: nearest upsampling to the size of the skip, decoder of 256, 128,
///   64, 32, 16 channels, 3 x 3 head; over a VGG two more convolutions of the smallest map; over ConvNeXt and
///   Swin, which have no map at half the resolution, no skip there.
struct UNet: Decoder {
  /// - Parameter hasImageSkip: whether the last block sees the image beside what the decoder made of it, at
  ///   full resolution, which no publisher has: single pixels, banks and edges need not come back from half
  ///   the resolution.
  static func design(_ name: String, hasImageSkip: Bool = false) -> DecoderDesign {
    DecoderDesign(
      name: name, scheme: .smp, paths: ["decoder."],
      imageConvolution: hasImageSkip ? "decoder.blocks.\(channels.count - 1).conv1.0.weight" : nil,
      head: .init(path: "segmentation_head.", place: "segmentation_head.0", size: 3),
      featureChannels: { _ in channels.last! },
      make: {
        UNet(
          $0, channels: channels, hasImageSkip: hasImageSkip, reachesImage: true, in: $1.child("decoder"))
      })
  }

  /// TerraTorch's `UNetDecoder`, over a neck: segmentation_models_pytorch's blocks, whose last one, without a
  /// skip, stays at the resolution of the largest map.
  static let terratorch = DecoderDesign(
    name: "unet", scheme: .terratorch, paths: ["decoder."], head: .terratorch,
    featureChannels: { _ in terratorchChannels.last! },
    make: {
      UNet(
        $0, channels: terratorchChannels, hasImageSkip: false, reachesImage: false,
        in: $1.descendant("decoder.decoder"))
    })

  private static let channels = [256, 128, 64, 32, 16]
  private static let terratorchChannels = [512, 256, 128, 64]

  private let center: ConvolutionPair?
  private let blocks: [ConvolutionPair]
  /// Whether the last block is at the resolution of the image.
  private let reachesImage: Bool

  private init(
    _ plan: DecoderPlan, channels: [Int], hasImageSkip: Bool, reachesImage: Bool,
    in decoder: ParameterScope
  ) {
    var inputs = plan.channels.last!
    center =
      plan.encoder.hasPrefix("vgg")
      ? ConvolutionPair(
        inputs: inputs, outputs: inputs, names: ["0", "1"], in: decoder.child("center")) : nil
    let maps = plan.channels.dropLast()
    // Over an encoder without a map at 1/2 the last block but one has no skip.
    let noSkips = Array(repeating: 0, count: channels.count - 1 - maps.count)
    let skips = [hasImageSkip ? plan.imageChannels : 0] + noSkips + maps
    var blocks: [ConvolutionPair] = []
    for (index, outputs) in channels.enumerated() {
      let block = ConvolutionPair(
        inputs: inputs + skips[skips.count - 1 - index], outputs: outputs, names: ["conv1", "conv2"],
        in: decoder.child("blocks").child("\(index)"))
      blocks.append(block)
      inputs = outputs
    }
    (self.blocks, self.reachesImage) = (blocks, reachesImage)
  }

  /// Computes the features at the image's resolution, or TerraTorch's at that of the largest map.
  func features(of input: DecoderInput, in pass: Pass) -> Value {
    var value = input.maps.last!
    if let center { value = center(value, in: pass) }
    let maps: [Value?] = input.maps.dropLast()
    let skips = [input.image] + Array(repeating: nil, count: blocks.count - 1 - maps.count) + maps
    for (block, (halvings, skip)) in zip(blocks, skips.enumerated().reversed()) {
      let largest = input.maps[0].tensor.shape
      let (height, width) =
        reachesImage
        ? (input.height >> halvings, input.width >> halvings) : (largest.height, largest.width)
      let upsampled = pass.tape.nearestResampling(
        value, height: skip?.tensor.shape.height ?? height, width: skip?.tensor.shape.width ?? width)
      value = block(skip.map { pass.tape.concatenation([upsampled, $0]) } ?? upsampled, in: pass)
    }
    return value
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
