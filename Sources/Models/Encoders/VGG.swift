import Layers
import Tensors

/// Five groups of 3 x 3 convolutions with pooling between them, and three wide linear maps.
///
/// As an encoder, segmentation_models_pytorch's `vgg*` returns the same six maps: what each pooling reads, from full resolution
/// on, and what the last one gives.
///
/// - Source: Simonyan & Zisserman 2014, arXiv:1409.1556. Names and details as in torchvision's `vgg16`, `vgg19` and their `_bn`
///   forms; timm holds the linear maps as convolutions, `pre_logits.fc1` (7 x 7), `pre_logits.fc2` and `head.fc`.
public struct VGG: Backbone {
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
  public static let architectures = Depth.allCases.flatMap { depth in
    [false, true].map { isNormalized in
      BackboneArchitecture(
        name: depth.rawValue + (isNormalized ? "_bn" : ""), schemes: [.torchvision, .timm]
      ) { options, scope in
        VGG(depth, isNormalized: isNormalized, options, in: scope)
      }
    }
  }

  /// The last rectified map of each group and the pooled last one, `features.<index>`.
  public let maps: [FeatureMap]
  /// One of each group, and `head` with classes.
  public let parts: [NetworkPart]
  private let groups: [[RectifiedConvolution]]
  private let head: Head?

  /// Makes `features` and, with classes, the linear maps in `scope`.
  public init(
    _ depth: Depth, isNormalized: Bool, _ options: BackboneOptions, in scope: ParameterScope
  ) {
    precondition(options.dilation == nil, "a VGG has no strides to replace by dilation")
    let features = scope.child("features")
    var (maps, parts, groups) = ([FeatureMap](), [NetworkPart](), [[RectifiedConvolution]]())
    var (index, inputs, stride) = (0, options.bands, 1)
    for (group, outputs) in [64, 128, 256, 512, 512].enumerated() {
      let first = index
      var convolutions: [RectifiedConvolution] = []
      for _ in 0..<depth.convolutions[group] {
        convolutions.append(
          RectifiedConvolution(
            inputs: inputs, outputs: outputs, at: index, isNormalized: isNormalized, in: features))
        (index, inputs) = (index + (isNormalized ? 3 : 2), outputs)
      }
      groups.append(convolutions)
      maps.append(FeatureMap(name: "features.\(index - 1)", channels: outputs, stride: stride))
      parts.append(
        NetworkPart(.encoder, name: "group\(group + 1)", prefixes: (first..<index).map { "features.\($0)." }))
      (index, stride) = (index + 1, stride * 2)
    }
    maps.append(FeatureMap(name: "features.\(index - 1)", channels: inputs, stride: stride))
    head = options.classes.map {
      options.scheme == .timm ? .convolutions(.init(classes: $0, scope)) : .linear(.init(classes: $0, scope))
    }
    let prefixes = options.scheme == .timm ? ["pre_logits.", "head."] : ["classifier."]
    if head != nil { parts.append(NetworkPart(.head, name: "head", prefixes: prefixes)) }
    (self.maps, self.parts, self.groups) = (maps, parts, groups)
  }

  /// `[64, C, 3, 3]`.
  public var firstConvolution: String { "features.0.weight" }

  /// Six maps of `[N, C, H, W]`; H and W at least 32.
  public func features(of input: Value, in pass: Pass) -> [Value] {
    var (features, value) = ([Value](), input)
    for group in groups {
      for convolution in group { value = convolution(value, in: pass) }
      features.append(value)
      value = pass.tape.maxPooling(value, kernel: SlidingKernel(size: 2, stride: 2))
    }
    return features + [value]
  }

  /// Scores of 7 x 7 means of the last map; in timm's form of every 7 x 7 pixels of a larger map, averaged.
  public func scores(of last: Value, in pass: Pass) -> Value {
    switch head {
    case nil: preconditionFailure("a VGG without classes gives no scores")
    case .linear(let head): head(last, in: pass)
    case .convolutions(let head): head(last, in: pass)
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
  private let first, second, last: Linear

  init(classes: Int, _ scope: ParameterScope) {
    let classifier = scope.child("classifier")
    first = Linear(inputs: 512 * 49, outputs: 4096, in: classifier.child("0"))
    second = Linear(inputs: 4096, outputs: 4096, in: classifier.child("3"))
    last = Linear(inputs: 4096, outputs: classes, in: classifier.child("6"))
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let tape = pass.tape
    let cells = tape.adaptiveAveragePooling(input, height: 7, width: 7)
    let vector = tape.reshaped(cells, to: [input.tensor.shape.batch, 512 * 49])
    let hidden = tape.activation(first(vector, in: pass), .relu)
    return last(tape.activation(second(hidden, in: pass), .relu), in: pass)
  }
}

/// timm's: only an image that is too small for 7 x 7 is resampled.
private struct ConvolutionHead {
  private let first, second: Convolution
  private let last: Linear

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

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let (tape, shape) = (pass.tape, input.tensor.shape)
    let cells = tape.adaptiveAveragePooling(input, height: max(7, shape.height), width: max(7, shape.width))
    let hidden = tape.activation(first(cells, in: pass), .relu)
    return last(tape.channelMeanVector(tape.activation(second(hidden, in: pass), .relu)), in: pass)
  }
}
