import Layers
import Tensors

/// Inverted residuals with ReLU6.
///
/// As an encoder, segmentation_models_pytorch's `mobilenet_v2` returns `features.1`, `features.3`, `features.6`, `features.13` and
/// the last convolution, `features.18`.
///
/// - Source: Sandler et al. 2018, arXiv:1801.04381. Names and details as in torchvision's `mobilenet_v2` and timm's
///   `mobilenetv2_100`.
public struct MobileNetV2: Backbone {
  /// `mobilenet_v2`, by timm's name `mobilenetv2_100`.
  public static let architectures = [
    ("mobilenet_v2", NamingScheme.torchvision), ("mobilenetv2_100", .timm),
  ].map { name, scheme in
    BackboneArchitecture(name: name, schemes: [scheme]) { MobileNetV2($0, in: $1) }
  }

  /// Widening, channels, blocks and first stride of each stage.
  private static let table = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
  ]

  private let trunk: InvertedResidualTrunk
  private let classifier: Linear?
  private let scheme: NamingScheme

  /// Makes `features` or timm's `conv_stem`, `blocks` and `conv_head`, and with classes a linear map, in `scope`.
  public init(_ options: BackboneOptions, in scope: ParameterScope) {
    precondition(options.dilation != .torchvision, "torchvision's MobileNetV2 has no dilated form")
    var inputs = 32
    let stages = Self.table.map { widening, outputs, count, stride in
      (0..<count).map { number in
        defer { inputs = outputs }
        return InvertedResidualTrunk.Block(
          inputs: inputs, expanded: inputs * widening, outputs: outputs, size: 3,
          stride: number == 0 ? stride : 1, activation: .relu6)
      }
    }
    scheme = options.scheme
    var plan = InvertedResidualTrunk.Plan(stem: 32, last: 1280, stages: stages, activation: .relu6)
    if options.dilation == .smp { plan.firstDilated = plan.lastStridedBlock }
    trunk = InvertedResidualTrunk(
      plan, bands: options.bands,
      naming: scheme == .timm ? .timm(neckIsStage: false) : .torchvisionBlocks(.torchvisionFirst), in: scope)
    let place = scheme == .timm ? "classifier" : "classifier.1"
    classifier = options.classes.map { Linear(inputs: 1280, outputs: $0, in: scope.descendant(place)) }
  }

  /// The last map of each resolution, then that of the last convolution.
  public var maps: [FeatureMap] { trunk.maps }
  /// One of each resolution: at the last one what segmentation_models_pytorch (the last convolution) or timm (the last block) has.
  public var encoderPlaces: [Int] {
    maps.indices.filter { $0 != (scheme == .timm ? maps.count - 1 : trunk.lastStageMap) }
  }
  /// `stem`, `stage1` ... `stage7`, `neck` and, with classes, `head`.
  public var parts: [NetworkPart] {
    trunk.parts
      + [NetworkPart(.head, name: "head", prefixes: ["classifier."])].filter { _ in classifier != nil }
  }
  /// `[32, C, 3, 3]`.
  public var firstConvolution: String { trunk.firstConvolution }

  /// The maps of `[N, C, H, W]`; any H and W.
  public func features(of input: Value, in pass: Pass) -> [Value] { trunk.features(of: input, in: pass) }

  /// A linear map of the last map's means.
  public func scores(of last: Value, in pass: Pass) -> Value {
    guard let classifier else { preconditionFailure("a MobileNetV2 without classes gives no scores") }
    return classifier(pass.tape.channelMeanVector(trunk.neck(of: last, in: pass)), in: pass)
  }
}
