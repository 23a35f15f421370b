import Layers
import Tensors

/// A convolutional network with the shape of a transformer: depthwise 7 x 7 kernels, then two linear maps of
/// each pixel.
///
/// - Source: Liu et al. 2022, arXiv:2201.03545. Names and details as in torchvision's and timm's
///   `convnext_*`: layer normalisations with an epsilon of 1e-6, exact GELU, strided convolutions without
///   padding.
public struct ConvNeXt: Encoder {
  /// The published encoders of this family.
  public static let designs = Size.allCases.map { size in
    EncoderDesign(
      "convnext_\(size)", [.torchvision, .timm], describe: { description(size, $0) },
      make: { ConvNeXt(size, $0, in: $1) })
  }

  /// The published sizes.
  enum Size: CaseIterable, Hashable, Sendable {
    case tiny, small, base, large

    /// Channels of the four stages: 96 and more, doubled from stage to stage.
    var channels: [Int] {
      let first = [.tiny: 96, .small: 96, .base: 128, .large: 192][self]!
      return (0..<4).map { first << $0 }
    }
    /// Blocks of the four stages.
    var depths: [Int] { [3, 3, self == .tiny ? 9 : 27, 3] }
  }

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let stem: Convolution
  private let stemNorm: LayerNormalization
  private let transitions: [Transition]
  private let blocks: [[Block]]
  private let headNorm: LayerNormalization?
  private let head: Linear?

  /// Makes its parameters in `scope`.
  init(_ size: Size, _ options: EncoderOptions, in scope: ParameterScope) {
    let names = Names(isTimm: options.scheme == .timm)
    let (channels, depths) = (size.channels, size.depths)
    description = Self.description(size, options)
    let stem = scope.descendant(names.stem)
    self.stem = Convolution(
      .init(
        inputs: options.bands, outputs: channels[0], kernel: SlidingKernel(size: 4, stride: 4),
        hasBias: true),
      in: stem.child("0"), initializer: .normal(deviation: 0.02))
    stemNorm = LayerNormalization(channels: channels[0], epsilon: 1e-6, in: stem.child("1"))
    transitions = (1..<4).map { stage in
      Transition(
        inputs: channels[stage - 1], outputs: channels[stage],
        in: scope.descendant(names.transition(stage)))
    }
    blocks = (0..<4).map { stage in
      (0..<depths[stage]).map { index in
        Block(
          channels: channels[stage], isTimm: names.isTimm,
          depth: StochasticDepth(
            block: depths[..<stage].reduce(index, +), of: depths.reduce(0, +)),
          in: scope.descendant(names.blocks(stage)).child("\(index)"))
      }
    }
    // timm's network without classes keeps its last normalisation.
    headNorm =
      options.classes != nil || names.isTimm
      ? LayerNormalization(channels: channels[3], epsilon: 1e-6, in: scope.descendant(names.headNorm))
      : nil
    if options.classes == nil { scope.leaveUnused(below: names.headNorm) }
    head = options.classes.map {
      Linear(
        inputs: channels[3], outputs: $0, in: scope.descendant(names.head),
        initializer: .normal(deviation: 0.02))
    }
  }

  /// Describes the encoder: four maps; as parts the stem, the four stages with what halves the map before
  /// them, and the head.
  static func description(_ size: Size, _ options: EncoderOptions) -> EncoderDescription {
    let names = Names(isTimm: options.scheme == .timm)
    let stages = (0..<4).map { stage in
      NetworkPart(
        .encoder, name: "stage\(stage + 1)",
        prefixes: Set([names.map(stage)] + (stage > 0 ? [names.transition(stage)] : [])).sorted().map {
          $0 + "."
        })
    }
    return EncoderDescription(
      maps: (0..<4).map { FeatureMap(name: names.map($0), channels: size.channels[$0], stride: 4 << $0) },
      parts: [NetworkPart(.encoder, name: "stem", prefixes: [names.stem + "."])] + stages
        + [NetworkPart(.head, name: "head", prefixes: [names.isTimm ? "head." : "classifier."])],
      firstConvolution: names.stem + ".0.weight", input: InputContract(bands: options.bands, smallestSide: 32)
    )
  }

  /// Computes four maps of `[N, C, H, W]`; H and W are at least 32.
  public func features(of input: Value, in pass: Pass) -> Features {
    var value = pass.tape.normalizedPixels(stem(input, in: pass), stemNorm, in: pass)
    let maps = (0..<4).map { stage in
      if stage > 0 { value = transitions[stage - 1](value, in: pass) }
      for block in blocks[stage] { value = block(value, in: pass) }
      return value
    }
    return Features(maps: maps)
  }

  /// Returns the normalised means of the last map.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    guard let headNorm else { preconditionFailure("a ConvNeXt without classes pools nothing") }
    return headNorm(pass.tape.channelMeanVector(features.maps.last!), in: pass)
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a ConvNeXt without classes gives no scores") }
    return head(pooled, in: pass)
  }
}

/// The paths of the parts of a ConvNeXt in each scheme.
private struct Names {
  let isTimm: Bool
  var stem: String { isTimm ? "stem" : "features.0" }
  var headNorm: String { isTimm ? "head.norm" : "classifier.0" }
  var head: String { isTimm ? "head.fc" : "classifier.2" }
  func map(_ stage: Int) -> String { isTimm ? "stages.\(stage)" : "features.\(2 * stage + 1)" }
  func blocks(_ stage: Int) -> String { isTimm ? "stages.\(stage).blocks" : map(stage) }
  func transition(_ stage: Int) -> String {
    isTimm ? "stages.\(stage).downsample" : "features.\(2 * stage)"
  }
}

/// Normalise, then halve the map.
private struct Transition {
  private let norm: LayerNormalization
  private let convolution: Convolution

  init(inputs: Int, outputs: Int, in scope: ParameterScope) {
    norm = LayerNormalization(channels: inputs, epsilon: 1e-6, in: scope.child("0"))
    convolution = Convolution(
      .init(
        inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 2, stride: 2), hasBias: true),
      in: scope.child("1"), initializer: .normal(deviation: 0.02))
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    convolution(pass.tape.normalizedPixels(input, norm, in: pass), in: pass)
  }
}

/// A depthwise convolution and a feed-forward network of each pixel, weighed channel by channel, beside a
/// shortcut.
private struct Block {
  private let depthwise: Convolution
  private let norm: LayerNormalization
  private let feedForward: FeedForward
  private let gain: Parameter
  private let depth: StochasticDepth

  init(channels: Int, isTimm: Bool, depth: StochasticDepth, in scope: ParameterScope) {
    self.depth = depth
    let block = isTimm ? scope : scope.child("block")
    let kernel = SlidingKernel(size: 7, padding: 3)
    depthwise = Convolution(
      .init(inputs: channels, outputs: channels, kernel: kernel, groups: channels, hasBias: true),
      in: block.child(isTimm ? "conv_dw" : "0"), initializer: .normal(deviation: 0.02))
    norm = LayerNormalization(channels: channels, epsilon: 1e-6, in: block.child(isTimm ? "norm" : "2"))
    feedForward = FeedForward(
      channels: channels, isTimm ? .init() : .init(expansion: "3", reduction: "5"),
      in: isTimm ? scope.child("mlp") : block, initializer: .normal(deviation: 0.02))
    gain = scope.parameter(
      isTimm ? "gamma" : "layer_scale", .gain, shape: isTimm ? [channels] : [channels, 1, 1],
      initializer: .constant(1e-6))
    if !isTimm { scope.mayStore("layer_scale", as: .vector) }
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let pixels = pass.tape.permuted(depthwise(input, in: pass), axes: [0, 2, 3, 1])
    let inner = feedForward(norm(pixels, in: pass), in: pass)
    let gain = pass.tape.reshaped(pass.value(of: gain), to: [input.tensor.shape.channels])
    let weighed = pass.tape.permuted(pass.tape.broadcastProduct(inner, gain), axes: [0, 3, 1, 2])
    return pass.tape.sum(depth(weighed, in: pass), input)
  }
}

extension Tape {
  /// Normalises the channels of each pixel of `[N, C, H, W]`.
  func normalizedPixels(_ input: Value, _ norm: LayerNormalization, in pass: Pass) -> Value {
    permuted(norm(permuted(input, axes: [0, 2, 3, 1]), in: pass), axes: [0, 3, 1, 2])
  }
}
