import Layers
import Tensors

/// A network of inverted residuals found by search, some with squeeze and excitation, with ReLU first and
/// hard-swish later.
///
/// torchvision's segmentation networks on `mobilenet_v3_large` read `features.4` and `features.16` of the
/// dilated form; segmentation_models_pytorch has it through timm alone.
///
/// - Source: Howard et al. 2019, arXiv:1905.02244. Names and details as in torchvision's `mobilenet_v3_large`
///   and `mobilenet_v3_small`, timm's `mobilenetv3_*_100` and, with TensorFlow's padding,
///   `tf_mobilenetv3_*_100`.
public struct MobileNetV3: Encoder {
  /// The published sizes.
  public enum Size: String, CaseIterable, Hashable, Sendable {
    /// 5.5 million parameters.
    case large
    /// 2.5 million parameters.
    case small

    /// The blocks by stage: kernel size, widened channels, channels, squeeze, hard-swish, stride.
    fileprivate var table: [[(Int, Int, Int, Bool, Bool, Int)]] {
      switch self {
      case .large:
        [
          [(3, 16, 16, false, false, 1)],
          [(3, 64, 24, false, false, 2), (3, 72, 24, false, false, 1)],
          [(5, 72, 40, true, false, 2), (5, 120, 40, true, false, 1), (5, 120, 40, true, false, 1)],
          [
            (3, 240, 80, false, true, 2), (3, 200, 80, false, true, 1), (3, 184, 80, false, true, 1),
            (3, 184, 80, false, true, 1),
          ],
          [(3, 480, 112, true, true, 1), (3, 672, 112, true, true, 1)],
          [(5, 672, 160, true, true, 2), (5, 960, 160, true, true, 1), (5, 960, 160, true, true, 1)],
        ]
      case .small:
        [
          [(3, 16, 16, true, false, 2)],
          [(3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1)],
          [(5, 96, 40, true, true, 2), (5, 240, 40, true, true, 1), (5, 240, 40, true, true, 1)],
          [(5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1)],
          [(5, 288, 96, true, true, 2), (5, 576, 96, true, true, 1), (5, 576, 96, true, true, 1)],
        ]
      }
    }

    /// Channels of the last convolution, and of the classifier's hidden layer.
    fileprivate var ends: (last: Int, hidden: Int) { self == .large ? (960, 1280) : (576, 1024) }
  }

  /// `mobilenet_v3_large`, timm's `mobilenetv3_large_100` and `tf_mobilenetv3_large_100`, and the same of the
  /// small one.
  public static let designs = Size.allCases.flatMap { size in
    [
      design("mobilenet_v3_\(size.rawValue)", .torchvision, size, isFromTensorFlow: false),
      design("mobilenetv3_\(size.rawValue)_100", .timm, size, isFromTensorFlow: false),
      design("tf_mobilenetv3_\(size.rawValue)_100", .timm, size, isFromTensorFlow: true),
    ]
  }

  private static func design(
    _ name: String, _ scheme: NamingScheme, _ size: Size, isFromTensorFlow: Bool
  ) -> EncoderDesign {
    EncoderDesign(
      name, [scheme], describe: { description(size, isFromTensorFlow: isFromTensorFlow, $0) },
      make: { MobileNetV3(size, isFromTensorFlow: isFromTensorFlow, $0, in: $1) })
  }

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let trunk: InvertedResidualTrunk
  private let head: Head?

  /// Makes `features` or timm's `conv_stem` and `blocks`, and with classes two maps of the means, in `scope`.
  ///
  /// - Parameter isFromTensorFlow: whether images are padded, and normalisations made safe, as TensorFlow
  ///   does.
  public init(
    _ size: Size, isFromTensorFlow: Bool = false, _ options: EncoderOptions, in scope: ParameterScope
  ) {
    description = Self.description(size, isFromTensorFlow: isFromTensorFlow, options)
    trunk = InvertedResidualTrunk(
      Self.plan(size, isFromTensorFlow: isFromTensorFlow, options), bands: options.bands, in: scope)
    head = options.classes.map {
      Head(ends: size.ends, classes: $0, isTimm: options.scheme == .timm, in: scope)
    }
  }

  private static func plan(_ size: Size, isFromTensorFlow: Bool, _ options: EncoderOptions)
    -> InvertedResidualTrunk.Plan
  {
    precondition(options.dilation != .smp, "segmentation_models_pytorch has no dilated MobileNetV3")
    var inputs = 16
    let stages = size.table.map { stage in
      stage.map { (extent, expanded, outputs, squeezes, isHard, stride) in
        defer { inputs = outputs }
        let squeeze = SqueezeExcitation.Options(
          squeezed: multipleOfEight(Double(expanded / 4)), activation: .relu, gate: .hardSigmoid)
        return InvertedResidualTrunk.Block(
          inputs: inputs, expanded: expanded, outputs: outputs, size: extent, stride: stride,
          activation: isHard ? .hardSwish : .relu, squeeze: squeezes ? squeeze : nil)
      }
    }
    let isTimm = options.scheme == .timm
    var plan = InvertedResidualTrunk.Plan(
      stem: 16, last: size.ends.last, stages: stages, activation: .hardSwish,
      naming: isTimm ? .timm(neckIsStage: true) : .torchvisionBlocks(.torchvision))
    if !isTimm { plan.constants = .init(epsilon: 1e-3, momentum: 0.01) }
    if isFromTensorFlow { (plan.constants.epsilon, plan.padding) = (1e-3, .same) }
    if options.dilation == .torchvision { plan.firstDilated = plan.lastStridedBlock }
    if !isTimm && size == .large { plan.mapBlocks.insert(3) }
    return plan
  }

  /// Describes the encoder: the maps are the last one of each resolution, torchvision's `features.4` of the
  /// large network, then that of the last convolution; a decoder climbs one of each resolution, at the last
  /// one that of the last convolution: timm's `features_only`. The parts are `stem`, `stage1` ..., `neck`
  /// and, with classes, `head`.
  static func description(_ size: Size, isFromTensorFlow: Bool, _ options: EncoderOptions)
    -> EncoderDescription
  {
    let plan = plan(size, isFromTensorFlow: isFromTensorFlow, options)
    let maps = plan.maps
    return EncoderDescription(
      maps: maps,
      decoderPlaces: maps.indices.filter { $0 != plan.lastStageMap && maps[$0].name != "features.4" },
      parts: plan.parts(head: options.classes.map { _ in ["conv_head.", "classifier."] }),
      firstConvolution: plan.firstConvolution, pooledChannels: size.ends.hidden,
      ownConstants: "epsilon \(plan.constants.epsilon) and \(plan.padding)",
      input: InputContract(bands: options.bands))
  }

  /// Returns the maps of `[N, C, H, W]`; any H and W.
  public func features(of input: Value, in pass: Pass) -> Features { trunk.features(of: input, in: pass) }

  /// Returns the hidden layer, after hard-swish, over the last map's means.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a MobileNetV3 without classes pools nothing") }
    return pass.tape.activation(head.hidden(features.maps.last!, pass), .hardSwish)
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a MobileNetV3 without classes gives no scores") }
    return head.classifier(pooled, in: pass)
  }
}

/// The hidden layer is a linear map in torchvision, a 1 x 1 convolution in timm.
private struct Head {
  let hidden: (Value, Pass) -> Value
  let classifier: Linear

  init(ends: (last: Int, hidden: Int), classes: Int, isTimm: Bool, in scope: ParameterScope) {
    if isTimm {
      let convolution = Convolution(
        .init(inputs: ends.last, outputs: ends.hidden, kernel: SlidingKernel(size: 1), hasBias: true),
        in: scope.child("conv_head"), initializer: .kaimingNormalFanOut)
      hidden = { input, pass in
        let result = convolution(pass.tape.channelMeans(input), in: pass)
        return pass.tape.reshaped(result, to: [input.tensor.shape.batch, ends.hidden])
      }
    } else {
      let linear = Linear(inputs: ends.last, outputs: ends.hidden, in: scope.descendant("classifier.0"))
      hidden = { input, pass in linear(pass.tape.channelMeanVector(input), in: pass) }
    }
    classifier = Linear(
      inputs: ends.hidden, outputs: classes, in: scope.descendant(isTimm ? "classifier" : "classifier.3"))
  }
}
