import Layers
import Tensors

/// A residual network (deep residual learning).
///
/// As an encoder, segmentation_models_pytorch's `resnet*` returns the same five maps: the rectified stem and
/// the four stages.
///
/// - Source: He et al. 2015, arXiv:1512.03385. Names and details as in torchvision's `resnet18` ...
///   `resnet152`, whose bottlenecks carry their stride in the 3 x 3 convolution; timm has the same names.
public struct ResNet: Encoder {
  /// The published depths.
  public enum Depth: String, CaseIterable, Hashable, Sendable {
    /// 11.2 million parameters without the classifier.
    case eighteen = "resnet18"
    /// 21.3 million parameters without the classifier.
    case thirtyFour = "resnet34"
    /// Bottlenecks, 23.5 million parameters without the classifier.
    case fifty = "resnet50"
    /// Bottlenecks, 42.5 million parameters without the classifier.
    case hundredOne = "resnet101"
    /// Bottlenecks, 58.1 million parameters without the classifier.
    case hundredFiftyTwo = "resnet152"

    var blocks: [Int] {
      switch self {
      case .eighteen: [2, 2, 2, 2]
      case .thirtyFour, .fifty: [3, 4, 6, 3]
      case .hundredOne: [3, 4, 23, 3]
      case .hundredFiftyTwo: [3, 8, 36, 3]
      }
    }

    private var hasBottlenecks: Bool { self != .eighteen && self != .thirtyFour }

    /// Channels of the five feature maps, at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input.
    public var channels: [Int] { hasBottlenecks ? [64, 256, 512, 1024, 2048] : [64, 64, 128, 256, 512] }

    func block(
      inputs: Int, outputs: Int, stride: Int, dilation: Int, depth: StochasticDepth, in scope: ParameterScope
    ) -> any ResidualBlock {
      if hasBottlenecks {
        return Bottleneck(
          inputs: inputs, outputs: outputs, stride: stride, dilation: dilation, depth: depth, in: scope)
      }
      return BasicBlock(
        inputs: inputs, outputs: outputs, stride: stride, dilation: dilation, depth: depth, in: scope)
    }
  }

  /// `resnet18` ... `resnet152`.
  public static let designs = Depth.allCases.map { depth in
    EncoderDesign(
      depth.rawValue, [.torchvision, .timm], describe: { description(depth, $0) },
      make: { ResNet(depth, $0, in: $1) })
  }

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let stem: NormalizedConvolution
  private let layers: [[any ResidualBlock]]
  private let classifier: Linear?

  /// Makes `conv1`, `bn1`, `layer1` ... `layer4` and, with classes, `fc` in `scope`.
  public init(_ depth: Depth, _ options: EncoderOptions, in scope: ParameterScope) {
    description = Self.description(depth, options)
    stem = NormalizedConvolution(
      .init(inputs: options.bands, outputs: 64, kernel: .centered(size: 7, stride: 2)), activation: .relu,
      convolution: scope.child("conv1"), norm: scope.child("bn1"))
    var layers: [[any ResidualBlock]] = []
    var dilation = 1
    for (index, count) in depth.blocks.enumerated() {
      let before = dilation
      let isDilated = options.dilation.dilates(layer: index + 1)
      if isDilated { dilation *= 2 }
      let layerScope = scope.child("layer\(index + 1)")
      layers.append(
        (0..<count).map { block in
          depth.block(
            inputs: depth.channels[block == 0 ? index : index + 1], outputs: depth.channels[index + 1],
            stride: block == 0 && index > 0 && !isDilated ? 2 : 1,
            dilation: block == 0 && options.dilation == .torchvision ? before : dilation,
            depth: StochasticDepth(
              block: layers.joined().count + block, of: depth.blocks.reduce(0, +)),
            in: layerScope.child("\(block)"))
        })
    }
    self.layers = layers
    classifier = options.classes.map {
      Linear(inputs: depth.channels.last!, outputs: $0, in: scope.child("fc"))
    }
  }

  /// Describes the encoder: the maps are the rectified stem, `relu` (timm: `act1`), and `layer1` ...
  /// `layer4`, the parts `stem`, `layer1` ... `layer4` and, with classes, `head`.
  static func description(_ depth: Depth, _ options: EncoderOptions) -> EncoderDescription {
    var maps = [FeatureMap(name: options.scheme == .timm ? "act1" : "relu", channels: 64, stride: 2)]
    for layer in 1...4 {
      // The pooling counts as the first layer's stride.
      let stride = maps.last!.stride * (options.dilation.dilates(layer: layer) ? 1 : 2)
      maps.append(FeatureMap(name: "layer\(layer)", channels: depth.channels[layer], stride: stride))
    }
    let layers = maps.dropFirst().map { NetworkPart(.encoder, name: $0.name, prefixes: [$0.name + "."]) }
    return EncoderDescription(
      maps: maps,
      parts: [NetworkPart(.encoder, name: "stem", prefixes: ["conv1.", "bn1."])] + layers
        + [NetworkPart(.head, name: "head", prefixes: ["fc."])].filter { _ in options.classes != nil },
      firstConvolution: "conv1.weight", input: InputContract(bands: options.bands))
  }

  /// Returns the five feature maps of `[N, C, H, W]`, the largest first; any H and W.
  public func features(of input: Value, in pass: Pass) -> Features {
    var features = [stem(input, in: pass)]
    var value = pass.tape.maxPooling(features[0], kernel: .centered(size: 3, stride: 2))
    for layer in layers {
      for block in layer { value = block(value, in: pass) }
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
    guard let classifier else { preconditionFailure("a ResNet without classes gives no scores") }
    return classifier(pooled, in: pass)
  }
}

extension StageDilation? {
  /// Returns whether a layer of a ResNet, counted from 1, is dilated instead of strided.
  fileprivate func dilates(layer: Int) -> Bool {
    switch self {
    case nil: false
    case .torchvision: layer >= 3
    case .smp: layer == 4
    }
  }
}
