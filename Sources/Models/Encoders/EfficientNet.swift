import Layers
import Tensors

/// A network of inverted residuals whose width and depth grow together: eight sizes with squeeze and
/// excitation and SiLU, and five of EfficientNet-Lite, which has ReLU6 and no squeeze and excitation, and
/// whose stem, first stage, last stage and last convolution do not grow as the others do.
///
/// As an encoder, segmentation_models_pytorch's `efficientnet-b*` returns the stem and the last blocks of its
/// second, third, fifth and seventh stage (of b0 the first block of the fifth); its own scheme has these as
/// maps.
///
/// - Source: Tan & Le 2019, arXiv:1905.11946; of Lite `efficientnet_lite_builder.py` in
///   github.com/tensorflow/tpu. Names and details as in torchvision's and timm's `efficientnet_b*`; timm's
///   `efficientnet_lite*`; timm's `tf_efficientnet_*`, padded as TensorFlow does for every image;
///   segmentation_models_pytorch's `efficientnet-b*`, whose padding is that of TensorFlow for the image size
///   each was made for; `efficientnet-lite*` of efficientnet_lite_pytorch, which pads so too and has the same
///   names.
public struct EfficientNet: Encoder {
  /// The published sizes.
  public enum Size: Int, CaseIterable, Hashable, Sendable {
    /// 5.3 million parameters, up to 66.3 million.
    case b0, b1, b2, b3, b4, b5, b6, b7
    /// EfficientNet-Lite: 4.7 million parameters, up to 13.0 million.
    case lite0, lite1, lite2, lite3, lite4

    /// Whether it is of EfficientNet-Lite.
    fileprivate var isLite: Bool { rawValue >= Size.lite0.rawValue }

    /// The factors by which widths and depths of b0 are multiplied, and the image size that the network was
    /// made for.
    fileprivate var scale: (width: Double, depth: Double, image: Int) {
      switch self {
      case .b0: (1, 1, 224)
      case .b1: (1, 1.1, 240)
      case .b2: (1.1, 1.2, 260)
      case .b3: (1.2, 1.4, 300)
      case .b4: (1.4, 1.8, 380)
      case .b5: (1.6, 2.2, 456)
      case .b6: (1.8, 2.6, 528)
      case .b7: (2, 3.1, 600)
      case .lite0: (1, 1, 224)
      case .lite1: (1, 1.1, 240)
      case .lite2: (1.1, 1.2, 260)
      case .lite3: (1.2, 1.4, 280)
      case .lite4: (1.4, 1.8, 300)
      }
    }
  }

  /// The framework that a network was trained in, beside the names of its parameters.
  public enum Origin: Hashable, Sendable {
    /// Trained in PyTorch.
    case pytorch
    /// Trained in TensorFlow: other padding and another epsilon.
    case tensorFlow
  }

  /// `efficientnet_b0`, timm's `tf_efficientnet_b0` and segmentation_models_pytorch's `efficientnet-b0`, up
  /// to `b7`; the same of `lite0` to `lite4`, which torchvision does not have.
  public static let designs = Size.allCases.flatMap { size in
    [
      design("efficientnet_\(size)", size.isLite ? [.timm] : [.torchvision, .timm], size, .pytorch),
      design("tf_efficientnet_\(size)", [.timm], size, .tensorFlow),
      design("efficientnet-\(size)", [.smp], size, .tensorFlow),
    ]
  }

  /// Widening, kernel size, channels, blocks and first stride of each stage of b0.
  private static let table = [
    (1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2), (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2), (6, 3, 320, 1, 1),
  ]

  private static func design(_ name: String, _ schemes: [NamingScheme], _ size: Size, _ origin: Origin)
    -> EncoderDesign
  {
    EncoderDesign(
      name, schemes, describe: { description(size, origin, $0) },
      make: { EfficientNet(size, origin, $0, in: $1) })
  }

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let trunk: InvertedResidualTrunk
  private let classifier: Linear?

  /// Makes `features`, timm's `conv_stem`, `blocks` and `conv_head` or segmentation_models_pytorch's
  /// `_conv_stem`, `_blocks` and `_conv_head`, and with classes a linear map, in `scope`.
  public init(_ size: Size, _ origin: Origin, _ options: EncoderOptions, in scope: ParameterScope) {
    let plan = Self.plan(size, origin, options)
    description = Self.description(size, origin, options)
    trunk = InvertedResidualTrunk(plan, bands: options.bands, in: scope)
    if options.scheme == .smp && options.classes == nil {
      for name in ["_conv_head", "_bn1"] { scope.leaveUnused(below: name) }
    }
    classifier = options.classes.map {
      Linear(inputs: plan.last, outputs: $0, in: scope.descendant(Self.classifierPath(options.scheme)))
    }
  }

  private static func plan(_ size: Size, _ origin: Origin, _ options: EncoderOptions)
    -> InvertedResidualTrunk.Plan
  {
    precondition(
      options.dilation == nil || options.scheme == .smp,
      "only segmentation_models_pytorch has dilated EfficientNets")
    let (scale, scheme) = (size.scale, options.scheme)
    func channels(_ count: Int) -> Int { multipleOfEight(Double(count) * scale.width) }
    let (stem, last) = size.isLite ? (32, 1280) : (channels(32), channels(1280))
    let activation: Activation = size.isLite ? .relu6 : .silu
    var inputs = stem
    let stages = table.enumerated().map { index, stage in
      let (widening, extent, outputs, count, stride) = stage
      let isFixed = size.isLite && (index == 0 || index == table.count - 1)
      return (0..<(isFixed ? count : Int((Double(count) * scale.depth).rounded(.up)))).map { number in
        defer { inputs = channels(outputs) }
        return InvertedResidualTrunk.Block(
          inputs: inputs, expanded: inputs * widening, outputs: channels(outputs), size: extent,
          stride: number == 0 ? stride : 1, activation: activation,
          squeeze: size.isLite ? nil : .init(squeezed: inputs / 4, activation: .silu, gate: .sigmoid))
      }
    }
    var plan = InvertedResidualTrunk.Plan(
      stem: stem, last: last, stages: stages, activation: activation, naming: naming(scheme))
    plan.constants = constants(size, origin, scheme)
    if origin == .tensorFlow { plan.padding = scheme == .smp ? .sameAt(scale.image) : .same }
    if scheme == .smp {
      // Of b0 alone the first block of the fifth stage is taken, not the last.
      let ends = [2, 3, 5, 7].map { stages[..<$0].joined().count - 1 }
      plan.mapBlocks = Set(size == .b0 ? [2, 4, 8, 15] : ends)
      if options.dilation == .smp { plan.firstDilated = plan.mapBlocks.sorted()[2] + 1 }
    }
    return plan
  }

  /// Describes the encoder: the maps are the last one of each resolution, then that of the last convolution;
  /// in segmentation_models_pytorch's scheme the stem in place of the first stage, and no last convolution,
  /// which its encoders do not run. A decoder climbs one of each resolution, without the last convolution.
  /// The parts are `stem`, `stage1` ... `stage7`, `neck` and, with classes, `head`.
  static func description(_ size: Size, _ origin: Origin, _ options: EncoderOptions) -> EncoderDescription {
    let plan = plan(size, origin, options)
    return EncoderDescription(
      maps: plan.maps, decoderPlaces: Array(0...plan.lastStageMap),
      parts: plan.parts(head: options.classes.map { _ in ["classifier.", "_fc."] }),
      firstConvolution: plan.firstConvolution, pooledChannels: plan.last,
      ownConstants: "epsilon \(plan.constants.epsilon) and \(plan.padding)",
      input: InputContract(bands: options.bands))
  }

  private static func naming(_ scheme: NamingScheme) -> InvertedResidualTrunk.Naming {
    switch scheme {
    case .torchvision, .terrane, .terratorch, .meta: .torchvisionStages
    case .timm: .timm(neckIsStage: false)
    case .smp: .smp
    }
  }

  /// segmentation_models_pytorch and the three largest of torchvision keep TensorFlow's constants, timm its
  /// epsilon only.
  private static func constants(_ size: Size, _ origin: Origin, _ scheme: NamingScheme)
    -> NormalizationConstants
  {
    switch scheme {
    case .smp: .init(epsilon: 1e-3, momentum: 0.01)
    case .torchvision where !size.isLite && size.rawValue >= Size.b5.rawValue:
      .init(epsilon: 1e-3, momentum: 0.01)
    case .timm where origin == .tensorFlow: .init(epsilon: 1e-3)
    case .torchvision, .terrane, .terratorch, .meta, .timm: .init()
    }
  }

  private static func classifierPath(_ scheme: NamingScheme) -> String {
    switch scheme {
    case .torchvision, .terrane, .terratorch, .meta: "classifier.1"
    case .timm: "classifier"
    case .smp: "_fc"
    }
  }

  /// Returns the maps of `[N, C, H, W]`; any H and W.
  public func features(of input: Value, in pass: Pass) -> Features { trunk.features(of: input, in: pass) }

  /// Returns the means of the last convolution's result.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    pass.tape.channelMeanVector(trunk.neck(of: features, in: pass))
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let classifier else { preconditionFailure("an EfficientNet without classes gives no scores") }
    return classifier(pooled, in: pass)
  }
}
