import Layers
import Tensors

/// A network whose layers each read the results of all layers before them.
///
/// As an encoder, segmentation_models_pytorch's `densenet121` returns the rectified stem, the rectified norms
/// of the three transitions and the last norm, not rectified: torchvision's scheme has these as maps.
///
/// - Source: Huang et al. 2016, arXiv:1608.06993. Names and details as in torchvision's and timm's
///   `densenet121`.
public struct DenseNet: Encoder {
  /// `densenet121`.
  public static let designs = [
    EncoderDesign(
      "densenet121", [.torchvision, .timm], describe: description, make: { DenseNet($0, in: $1) })
  ]

  private static let counts = [6, 12, 24, 16]
  private static let growth = 32

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let isTimm: Bool
  private let stem: NormalizedConvolution
  private let blocks: [[DenseLayer]]
  private let transitions: [Transition]
  private let lastNorm: BatchNormalization
  private let classifier: Linear?

  /// Makes `features` and, with classes, `classifier` in `scope`.
  public init(_ options: EncoderOptions, in scope: ParameterScope) {
    precondition(options.dilation == nil, "a DenseNet has no strides to replace by dilation")
    description = Self.description(options)
    isTimm = options.scheme == .timm
    let features = scope.child("features")
    stem = NormalizedConvolution(
      .init(inputs: options.bands, outputs: 64, kernel: .centered(size: 7, stride: 2)), activation: .relu,
      convolution: features.child("conv0"), norm: features.child("norm0"))
    var (blocks, transitions, channels) = ([[DenseLayer]](), [Transition](), 64)
    for (index, count) in Self.counts.enumerated() {
      blocks.append(
        (0..<count).map { number in
          DenseLayer(
            inputs: channels + number * Self.growth, outputs: Self.growth,
            in: features.child("denseblock\(index + 1)").child("denselayer\(number + 1)"))
        })
      channels += count * Self.growth
      if index < Self.counts.count - 1 {
        transitions.append(
          Transition(inputs: channels, in: features.child("transition\(index + 1)")))
        channels /= 2
      }
    }
    lastNorm = BatchNormalization(
      channels: channels, activation: isTimm ? .relu : nil, in: features.child("norm5"))
    classifier = options.classes.map {
      Linear(inputs: channels, outputs: $0, in: scope.child("classifier"))
    }
    (self.blocks, self.transitions) = (blocks, transitions)
  }

  /// Describes the encoder: its maps are the rectified stem, what each transition rectifies (in timm's scheme
  /// the blocks before them, as its `features_only` has them), and the last norm (in timm's scheme
  /// rectified); its parts are `stem`, `denseblock1` ... `denseblock4` with the transition after each, and
  /// with classes `head`.
  static func description(_ options: EncoderOptions) -> EncoderDescription {
    let isTimm = options.scheme == .timm
    var maps = [FeatureMap(name: isTimm ? "features.norm0" : "features.relu0", channels: 64, stride: 2)]
    var parts = [NetworkPart(.encoder, name: "stem", prefixes: ["features.conv0.", "features.norm0."])]
    var channels = 64
    for (index, count) in counts.enumerated() {
      let (block, transition) = ("denseblock\(index + 1)", "transition\(index + 1)")
      let isLast = index == counts.count - 1
      channels += count * growth
      parts.append(
        NetworkPart(
          .encoder, name: block,
          prefixes: ["features.\(block).", isLast ? "features.norm5." : "features.\(transition)."]))
      let name = isLast ? "norm5" : isTimm ? block : "\(transition).relu"
      maps.append(FeatureMap(name: "features.\(name)", channels: channels, stride: 4 << index))
      channels /= 2
    }
    if options.classes != nil { parts.append(NetworkPart(.head, name: "head", prefixes: ["classifier."])) }
    return EncoderDescription(
      maps: maps, parts: parts, firstConvolution: "features.conv0.weight",
      input: InputContract(bands: options.bands, smallestSide: 29))
  }

  /// Computes five maps of `[N, C, H, W]`; H and W are at least 29, so that every pooling of 2 x 2 has
  /// something to read.
  public func features(of input: Value, in pass: Pass) -> Features {
    let tape = pass.tape
    var features = [stem(input, in: pass)]
    var value = tape.maxPooling(features[0], kernel: .centered(size: 3, stride: 2))
    for (index, block) in blocks.enumerated() {
      for layer in block { value = tape.concatenation([value, layer(value, in: pass)]) }
      guard index < transitions.count else { break }
      let transition = transitions[index]
      let normalized = transition.norm(value, in: pass)
      features.append(isTimm ? value : normalized)
      value = tape.averagePooling(
        transition.convolution(normalized, in: pass), kernel: SlidingKernel(size: 2, stride: 2))
    }
    return Features(maps: features + [lastNorm(value, in: pass)])
  }

  /// Returns the rectified last map's means.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    let last = features.maps.last!
    return pass.tape.channelMeanVector(isTimm ? last : pass.tape.activation(last, .relu))
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let classifier else { preconditionFailure("a DenseNet without classes gives no scores") }
    return classifier(pooled, in: pass)
  }
}

/// A 1 x 1 convolution to four times the growth and a 3 x 3 one, each after a rectified norm.
private struct DenseLayer {
  private let norm1, norm2: BatchNormalization
  private let conv1, conv2: Convolution

  init(inputs: Int, outputs: Int, in scope: ParameterScope) {
    norm1 = BatchNormalization(channels: inputs, activation: .relu, in: scope.child("norm1"))
    conv1 = Convolution(
      .init(inputs: inputs, outputs: 4 * outputs, kernel: SlidingKernel(size: 1)),
      in: scope.child("conv1"), initializer: .kaimingNormalFanOut)
    norm2 = BatchNormalization(channels: 4 * outputs, activation: .relu, in: scope.child("norm2"))
    conv2 = Convolution(
      .init(inputs: 4 * outputs, outputs: outputs, kernel: .centered(size: 3)), in: scope.child("conv2"),
      initializer: .kaimingNormalFanOut)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    conv2(norm2(conv1(norm1(input, in: pass), in: pass), in: pass), in: pass)
  }
}

/// A rectified norm and a 1 x 1 convolution to half the channels.
private struct Transition {
  let norm: BatchNormalization
  let convolution: Convolution

  init(inputs: Int, in scope: ParameterScope) {
    norm = BatchNormalization(channels: inputs, activation: .relu, in: scope.child("norm"))
    convolution = Convolution(
      .init(inputs: inputs, outputs: inputs / 2, kernel: SlidingKernel(size: 1)), in: scope.child("conv"),
      initializer: .kaimingNormalFanOut)
  }
}
