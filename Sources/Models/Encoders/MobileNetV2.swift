import Layers
import Tensors

/// A network of inverted residuals with ReLU6.
///
/// As an encoder, segmentation_models_pytorch's `mobilenet_v2` returns `features.1`, `features.3`,
/// `features.6`, `features.13` and the last convolution, `features.18`.
///
/// - Source: Sandler et al. 2018, arXiv:1801.04381. Names and details as in torchvision's `mobilenet_v2`
///   and timm's `mobilenetv2_100`.
public struct MobileNetV2: Encoder {
  /// `mobilenet_v2`, by timm's name `mobilenetv2_100`.
  public static let designs = [
    ("mobilenet_v2", NamingScheme.torchvision), ("mobilenetv2_100", .timm),
  ].map { name, scheme in
    EncoderDesign(name, [scheme], describe: description, make: { MobileNetV2($0, in: $1) })
  }

  /// Widening, channels, blocks and first stride of each stage.
  private static let table = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
  ]

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let trunk: InvertedResidualTrunk
  private let classifier: Linear?

  /// Makes `features` or timm's `conv_stem`, `blocks` and `conv_head`, and with classes a linear map, in
  /// `scope`.
  public init(_ options: EncoderOptions, in scope: ParameterScope) {
    let plan = Self.plan(options)
    description = Self.description(options)
    trunk = InvertedResidualTrunk(plan, bands: options.bands, in: scope)
    let place = options.scheme == .timm ? "classifier" : "classifier.1"
    classifier = options.classes.map { Linear(inputs: plan.last, outputs: $0, in: scope.descendant(place)) }
  }

  private static func plan(_ options: EncoderOptions) -> InvertedResidualTrunk.Plan {
    precondition(options.dilation != .torchvision, "torchvision's MobileNetV2 has no dilated form")
    var inputs = 32
    let stages = table.map { widening, outputs, count, stride in
      (0..<count).map { number in
        defer { inputs = outputs }
        return InvertedResidualTrunk.Block(
          inputs: inputs, expanded: inputs * widening, outputs: outputs, size: 3,
          stride: number == 0 ? stride : 1, activation: .relu6)
      }
    }
    var plan = InvertedResidualTrunk.Plan(
      stem: 32, last: 1280, stages: stages, activation: .relu6,
      naming: options.scheme == .timm ? .timm(neckIsStage: false) : .torchvisionBlocks(.torchvisionFirst))
    if options.dilation == .smp { plan.firstDilated = plan.lastStridedBlock }
    return plan
  }

  /// Describes the encoder: the maps are the last one of each resolution, then that of the last convolution;
  /// a decoder climbs one of each resolution, at the last one what segmentation_models_pytorch (the last
  /// convolution) or timm (the last block) has. The parts are `stem`, `stage1` ... `stage7`, `neck` and, with
  /// classes, `head`.
  static func description(_ options: EncoderOptions) -> EncoderDescription {
    let plan = plan(options)
    let maps = plan.maps
    return EncoderDescription(
      maps: maps,
      decoderPlaces: maps.indices.filter {
        $0 != (options.scheme == .timm ? maps.count - 1 : plan.lastStageMap)
      },
      parts: plan.parts(head: options.classes.map { _ in ["classifier."] }),
      firstConvolution: plan.firstConvolution, pooledChannels: plan.last,
      input: InputContract(bands: options.bands))
  }

  /// Returns the maps of `[N, C, H, W]`; any H and W.
  public func features(of input: Value, in pass: Pass) -> Features { trunk.features(of: input, in: pass) }

  /// Returns the last convolution's means.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    pass.tape.channelMeanVector(trunk.neck(of: features, in: pass))
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let classifier else { preconditionFailure("a MobileNetV2 without classes gives no scores") }
    return classifier(pooled, in: pass)
  }
}
