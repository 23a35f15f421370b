import Layers
import Tensors

/// Five groups of 3 x 3 convolutions with pooling between them, and three wide linear maps.
///
/// As an encoder, segmentation_models_pytorch's `vgg*` returns the same six maps: what each pooling reads,
/// from full resolution on, and what the last one gives.
///
/// - Source: Simonyan & Zisserman 2014, arXiv:1409.1556. Names and details as in torchvision's `vgg16`,
///   `vgg19` and their `_bn` forms; timm holds the linear maps as convolutions, `pre_logits.fc1` (7 x 7),
///   `pre_logits.fc2` and `head.fc`.
public struct VGG: Encoder {
  /// The published depths.
  public enum Depth: String, CaseIterable, Hashable, Sendable {
    /// 13 convolutions.
    case sixteen = "vgg16"
    /// 16 convolutions.
    case nineteen = "vgg19"

    fileprivate var convolutions: [Int] {
      switch self {
      case .sixteen: [2, 2, 3, 3, 3]
      case .nineteen: [2, 2, 4, 4, 4]
      }
    }
  }

  /// `vgg16`, `vgg16_bn`, `vgg19`, `vgg19_bn`.
  public static let designs = Depth.allCases.flatMap { depth in
    [false, true].map { isNormalized in
      EncoderDesign(
        depth.rawValue + (isNormalized ? "_bn" : ""), [.torchvision, .timm],
        describe: { description(depth, isNormalized: isNormalized, $0) },
        make: { VGG(depth, isNormalized: isNormalized, $0, in: $1) })
    }
  }

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let groups: [[RectifiedConvolution]]
  private let head: Head?

  /// Makes `features` and, with classes, the linear maps in `scope`.
  public init(
    _ depth: Depth, isNormalized: Bool, _ options: EncoderOptions, in scope: ParameterScope
  ) {
    precondition(options.dilation == nil, "a VGG has no strides to replace by dilation")
    description = Self.description(depth, isNormalized: isNormalized, options)
    let features = scope.child("features")
    var inputs = options.bands
    groups = Self.groups(depth, isNormalized: isNormalized).map { group in
      group.convolutions.map { place in
        defer { inputs = group.outputs }
        return RectifiedConvolution(
          inputs: inputs, outputs: group.outputs, at: place, isNormalized: isNormalized, in: features)
      }
    }
    head = options.classes.map {
      options.scheme == .timm ? .convolutions(.init(classes: $0, scope)) : .linear(.init(classes: $0, scope))
    }
  }

  /// Convolutions between two poolings: their channels, and all places in `features`, the pooling's last.
  private typealias Group = (outputs: Int, convolutions: [Int], places: Range<Int>)

  private static func groups(_ depth: Depth, isNormalized: Bool) -> [Group] {
    let step = isNormalized ? 3 : 2
    var first = 0
    return zip([64, 128, 256, 512, 512], depth.convolutions).map { outputs, count in
      let end = first + step * count
      defer { first = end + 1 }
      return (outputs, Array(stride(from: first, to: end, by: step)), first..<end)
    }
  }

  /// Describes the encoder: the maps are the last rectified one of each group and the pooled last one,
  /// `features.<index>`, the parts the groups and, with classes, `head`.
  static func description(_ depth: Depth, isNormalized: Bool, _ options: EncoderOptions)
    -> EncoderDescription
  {
    let groups = groups(depth, isNormalized: isNormalized)
    var maps = groups.enumerated().map { index, group in
      FeatureMap(
        name: "features.\(group.places.upperBound - 1)", channels: group.outputs, stride: 1 << index)
    }
    let last = groups.last!
    maps.append(
      FeatureMap(
        name: "features.\(last.places.upperBound)", channels: last.outputs, stride: 1 << groups.count))
    var parts = groups.enumerated().map { index, group in
      NetworkPart(
        .encoder, name: "group\(index + 1)", prefixes: group.places.map { "features.\($0)." })
    }
    if options.classes != nil {
      let prefixes = options.scheme == .timm ? ["pre_logits.", "head."] : ["classifier."]
      parts.append(NetworkPart(.head, name: "head", prefixes: prefixes))
    }
    return EncoderDescription(
      maps: maps, parts: parts, firstConvolution: "features.0.weight", pooledChannels: 4096,
      input: InputContract(bands: options.bands, smallestSide: 32))
  }

  /// Six maps of `[N, C, H, W]`; H and W at least 32.
  public func features(of input: Value, in pass: Pass) -> Features {
    var (features, value) = ([Value](), input)
    for group in groups {
      for convolution in group { value = convolution(value, in: pass) }
      features.append(value)
      value = pass.tape.maxPooling(value, kernel: SlidingKernel(size: 2, stride: 2))
    }
    return Features(maps: features + [value])
  }

  /// Two wide layers over 7 x 7 means of the last map; in timm's form over every 7 x 7 pixels of a larger
  /// map, averaged.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    switch head {
    case nil: preconditionFailure("a VGG without classes pools nothing")
    case .linear(let head): head.hidden(features.maps.last!, in: pass)
    case .convolutions(let head): head.hidden(features.maps.last!, in: pass)
    }
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    switch head {
    case nil: preconditionFailure("a VGG without classes gives no scores")
    case .linear(let head): head.last(pooled, in: pass)
    case .convolutions(let head): head.last(pooled, in: pass)
    }
  }
}

/// A convolution with bias, at times normalised, and a ReLU: two or three places in `features`.
private struct RectifiedConvolution {
  private let convolution: Convolution
  private let norm: BatchNormalization?

  init(inputs: Int, outputs: Int, at index: Int, isNormalized: Bool, in features: ParameterScope) {
    convolution = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: .centered(size: 3), hasBias: true),
      in: features.child("\(index)"), initializer: .kaimingNormalFanOut)
    norm =
      isNormalized
      ? BatchNormalization(channels: outputs, activation: .relu, in: features.child("\(index + 1)")) : nil
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let value = convolution(input, in: pass)
    guard let norm else { return pass.tape.activation(value, .relu) }
    return norm(value, in: pass)
  }
}

/// The classifier of each scheme: the same numbers, differently shaped.
private enum Head {
  case linear(LinearHead)
  case convolutions(ConvolutionHead)
}

/// torchvision's: every image becomes 7 x 7 means first.
private struct LinearHead {
  private let first, second: Linear
  let last: Linear

  init(classes: Int, _ scope: ParameterScope) {
    let classifier = scope.child("classifier")
    first = Linear(inputs: 512 * 49, outputs: 4096, in: classifier.child("0"))
    second = Linear(inputs: 4096, outputs: 4096, in: classifier.child("3"))
    last = Linear(inputs: 4096, outputs: classes, in: classifier.child("6"))
  }

  func hidden(_ input: Value, in pass: Pass) -> Value {
    let tape = pass.tape
    let cells = tape.adaptiveAveragePooling(input, height: 7, width: 7)
    let vector = tape.reshaped(cells, to: [input.tensor.shape.batch, 512 * 49])
    let hidden = tape.activation(first(vector, in: pass), .relu)
    return tape.activation(second(hidden, in: pass), .relu)
  }
}

/// timm's: only an image that is too small for 7 x 7 is resampled.
private struct ConvolutionHead {
  private let first, second: Convolution
  let last: Linear

  init(classes: Int, _ scope: ParameterScope) {
    func convolution(_ name: String, inputs: Int, size: Int) -> Convolution {
      Convolution(
        .init(inputs: inputs, outputs: 4096, kernel: SlidingKernel(size: size), hasBias: true),
        in: scope.child("pre_logits").child(name), initializer: .kaimingNormalFanOut)
    }
    first = convolution("fc1", inputs: 512, size: 7)
    second = convolution("fc2", inputs: 4096, size: 1)
    last = Linear(inputs: 4096, outputs: classes, in: scope.child("head").child("fc"))
  }

  func hidden(_ input: Value, in pass: Pass) -> Value {
    let (tape, shape) = (pass.tape, input.tensor.shape)
    let cells = tape.adaptiveAveragePooling(input, height: max(7, shape.height), width: max(7, shape.width))
    let hidden = tape.activation(first(cells, in: pass), .relu)
    return tape.channelMeanVector(tape.activation(second(hidden, in: pass), .relu))
  }
}
