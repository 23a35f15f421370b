import Layers
import Tensors

/// A network of blocks of parallel branches, whose large kernels are split into rows and columns.
///
/// Published files have an auxiliary classifier below `AuxLogits`, which only the training of the whole
/// network needs: it is passed over. segmentation_models_pytorch has no encoder of it; timm's `features_only`
/// has the same five maps.
///
/// - Source: Szegedy et al. 2015, arXiv:1512.00567. Names and details as in torchvision's and timm's
///   `inception_v3`.
public struct InceptionV3: Encoder {
  /// `inception_v3`.
  public static let designs = [
    EncoderDesign(
      "inception_v3", [.torchvision, .timm], describe: description, make: { InceptionV3($0, in: $1) })
  ]

  /// The last map of each resolution; nothing is padded, so each is somewhat smaller than the image over its
  /// stride.
  private static let maps = [
    FeatureMap(name: "Conv2d_2b_3x3", channels: 64, stride: 2),
    FeatureMap(name: "Conv2d_4a_3x3", channels: 192, stride: 4),
    FeatureMap(name: "Mixed_5d", channels: 288, stride: 8),
    FeatureMap(name: "Mixed_6e", channels: 768, stride: 16),
    FeatureMap(name: "Mixed_7c", channels: 2048, stride: 32),
  ]
  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private static let reduction = SlidingKernel(size: 3, stride: 2)

  private let first, second: [NormalizedConvolution]
  private let groups: [[InceptionBlock]]
  private let classifier: Linear?

  /// Makes `Conv2d_1a_3x3` ... `Mixed_7c` and, with classes, `fc` in `scope`.
  public init(_ options: EncoderOptions, in scope: ParameterScope) {
    precondition(options.dilation == nil, "an Inception network has no dilated form")
    description = Self.description(options)
    scope.passOver(below: "AuxLogits")
    func convolution(_ name: String, _ inputs: Int, _ outputs: Int, _ kernel: SlidingKernel)
      -> NormalizedConvolution
    {
      NormalizedConvolution(name, inputs: inputs, outputs: outputs, kernel: kernel, in: scope)
    }
    first = [
      convolution("Conv2d_1a_3x3", options.bands, 32, Self.reduction),
      convolution("Conv2d_2a_3x3", 32, 32, SlidingKernel(size: 3)),
      convolution("Conv2d_2b_3x3", 32, 64, .centered(size: 3)),
    ]
    second = [
      convolution("Conv2d_3b_1x1", 64, 80, SlidingKernel(size: 1)),
      convolution("Conv2d_4a_3x3", 80, 192, SlidingKernel(size: 3)),
    ]
    func mixed(_ name: String) -> ParameterScope { scope.child("Mixed_\(name)") }
    groups = [
      [
        .squares(inputs: 192, pooled: 32, in: mixed("5b")),
        .squares(inputs: 256, pooled: 64, in: mixed("5c")),
        .squares(inputs: 288, pooled: 64, in: mixed("5d")),
      ],
      [
        .firstReduction(inputs: 288, in: mixed("6a")), .lines(width: 128, in: mixed("6b")),
        .lines(width: 160, in: mixed("6c")), .lines(width: 160, in: mixed("6d")),
        .lines(width: 192, in: mixed("6e")),
      ],
      [
        .secondReduction(inputs: 768, in: mixed("7a")), .forks(inputs: 1280, in: mixed("7b")),
        .forks(inputs: 2048, in: mixed("7c")),
      ],
    ]
    classifier = options.classes.map { Linear(inputs: 2048, outputs: $0, in: scope.child("fc")) }
  }

  /// Describes the encoder: five maps; as parts `stem`, `mixed5`, `mixed6`, `mixed7` and, with classes,
  /// `head`.
  static func description(_ options: EncoderOptions) -> EncoderDescription {
    let groups = (5...7).map { NetworkPart(.encoder, name: "mixed\($0)", prefixes: ["Mixed_\($0)"]) }
    return EncoderDescription(
      maps: maps,
      parts: [NetworkPart(.encoder, name: "stem", prefixes: ["Conv2d_"])] + groups
        + [NetworkPart(.head, name: "head", prefixes: ["fc."])].filter { _ in options.classes != nil },
      firstConvolution: "Conv2d_1a_3x3.conv.weight",
      input: InputContract(bands: options.bands, smallestSide: 75))
  }

  /// Computes five maps of `[N, C, H, W]`; H and W are at least 75.
  public func features(of input: Value, in pass: Pass) -> Features {
    func pooled(_ value: Value) -> Value { pass.tape.maxPooling(value, kernel: Self.reduction) }
    var features = [first.reduce(input) { $1($0, in: pass) }]
    features.append(second.reduce(pooled(features[0])) { $1($0, in: pass) })
    var value = pooled(features[1])
    for group in groups {
      for block in group { value = block(value, in: pass) }
      features.append(value)
    }
    return Features(maps: features)
  }

  /// Returns the last map's means.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    pass.tape.channelMeanVector(features.maps.last!)
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let classifier else { preconditionFailure("an Inception network without classes gives no scores") }
    return classifier(pooled, in: pass)
  }
}

extension NormalizedConvolution {
  /// `<name>.conv` and `<name>.bn`, rectified.
  fileprivate init(_ name: String, inputs: Int, outputs: Int, kernel: SlidingKernel, in scope: ParameterScope)
  {
    self.init(
      .init(inputs: inputs, outputs: outputs, kernel: kernel), activation: .relu,
      constants: .init(epsilon: 1e-3), convolution: scope.child(name).child("conv"),
      norm: scope.child(name).child("bn"))
  }
}

/// Branches side by side, joined along the channels.
private struct InceptionBlock {
  /// Convolutions one after the other, at times after a pooling, at times ending in two side by side.
  struct Branch {
    /// The pooling before the convolutions.
    enum Pooling {
      case none, largest, mean
    }

    var pooling = Pooling.none
    var chain: [NormalizedConvolution] = []
    var fork: [NormalizedConvolution] = []

    func callAsFunction(_ input: Value, in pass: Pass) -> [Value] {
      let tape = pass.tape
      let pooled =
        switch pooling {
        case .none: input
        case .largest: tape.maxPooling(input, kernel: SlidingKernel(size: 3, stride: 2))
        case .mean: tape.averagePooling(input, kernel: .centered(size: 3))
        }
      let value = chain.reduce(pooled) { $1($0, in: pass) }
      return fork.isEmpty ? [value] : fork.map { $0(value, in: pass) }
    }
  }

  let branches: [Branch]

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pass.tape.concatenation(branches.flatMap { $0(input, in: pass) })
  }
}

/// The five kinds of blocks; a branch is written as the names, channels and kernels of its convolutions.
extension InceptionBlock {
  private typealias Step = (name: String, outputs: Int, kernel: SlidingKernel)

  private static let point = SlidingKernel(size: 1)
  private static let three = SlidingKernel.centered(size: 3)
  private static let reduction = SlidingKernel(size: 3, stride: 2)

  /// Returns a kernel of one row.
  private static func row(_ size: Int) -> SlidingKernel {
    SlidingKernel(rows: .init(size: 1), columns: .init(size: size, before: size / 2))
  }

  /// Returns a kernel of one column.
  private static func column(_ size: Int) -> SlidingKernel {
    SlidingKernel(rows: .init(size: size, before: size / 2), columns: .init(size: 1))
  }

  private static func branch(
    _ inputs: Int, _ steps: [Step], fork: [Step] = [], after pooling: Branch.Pooling = .none,
    in scope: ParameterScope
  ) -> Branch {
    var channels = inputs
    let chain = steps.map { step in
      defer { channels = step.outputs }
      return NormalizedConvolution(
        "branch\(step.name)", inputs: channels, outputs: step.outputs, kernel: step.kernel, in: scope)
    }
    let ends = fork.map {
      NormalizedConvolution(
        "branch\($0.name)", inputs: channels, outputs: $0.outputs, kernel: $0.kernel, in: scope)
    }
    return Branch(pooling: pooling, chain: chain, fork: ends)
  }

  /// 1 x 1, 5 x 5, two of 3 x 3, and a mean.
  static func squares(inputs: Int, pooled: Int, in scope: ParameterScope) -> Self {
    Self(branches: [
      branch(inputs, [("1x1", 64, point)], in: scope),
      branch(inputs, [("5x5_1", 48, point), ("5x5_2", 64, .centered(size: 5))], in: scope),
      branch(
        inputs, [("3x3dbl_1", 64, point), ("3x3dbl_2", 96, three), ("3x3dbl_3", 96, three)], in: scope),
      branch(inputs, [("_pool", pooled, point)], after: .mean, in: scope),
    ])
  }

  static func firstReduction(inputs: Int, in scope: ParameterScope) -> Self {
    Self(branches: [
      branch(inputs, [("3x3", 384, reduction)], in: scope),
      branch(
        inputs, [("3x3dbl_1", 64, point), ("3x3dbl_2", 96, three), ("3x3dbl_3", 96, reduction)], in: scope),
      Branch(pooling: .largest),
    ])
  }

  /// 7 x 7 in rows and columns, once and twice.
  static func lines(width: Int, in scope: ParameterScope) -> Self {
    Self(branches: [
      branch(768, [("1x1", 192, point)], in: scope),
      branch(
        768, [("7x7_1", width, point), ("7x7_2", width, row(7)), ("7x7_3", 192, column(7))], in: scope),
      branch(
        768,
        [
          ("7x7dbl_1", width, point), ("7x7dbl_2", width, column(7)), ("7x7dbl_3", width, row(7)),
          ("7x7dbl_4", width, column(7)), ("7x7dbl_5", 192, row(7)),
        ], in: scope),
      branch(768, [("_pool", 192, point)], after: .mean, in: scope),
    ])
  }

  static func secondReduction(inputs: Int, in scope: ParameterScope) -> Self {
    Self(branches: [
      branch(inputs, [("3x3_1", 192, point), ("3x3_2", 320, reduction)], in: scope),
      branch(
        inputs,
        [
          ("7x7x3_1", 192, point), ("7x7x3_2", 192, row(7)), ("7x7x3_3", 192, column(7)),
          ("7x7x3_4", 192, reduction),
        ], in: scope),
      Branch(pooling: .largest),
    ])
  }

  /// Branches that end in a row and a column side by side.
  static func forks(inputs: Int, in scope: ParameterScope) -> Self {
    Self(branches: [
      branch(inputs, [("1x1", 320, point)], in: scope),
      branch(
        inputs, [("3x3_1", 384, point)], fork: [("3x3_2a", 384, row(3)), ("3x3_2b", 384, column(3))],
        in: scope),
      branch(
        inputs, [("3x3dbl_1", 448, point), ("3x3dbl_2", 384, three)],
        fork: [("3x3dbl_3a", 384, row(3)), ("3x3dbl_3b", 384, column(3))], in: scope),
      branch(inputs, [("_pool", 192, point)], after: .mean, in: scope),
    ])
  }
}
