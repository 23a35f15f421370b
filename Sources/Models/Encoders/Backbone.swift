import Layers
import Tensors

/// Who named the parameters of a published file; architectures are the same under each, their tensors are not called alike.
public enum NamingScheme: String, CaseIterable, Hashable, Sendable {
  /// torchvision's names.
  case torchvision
  /// timm's names.
  case timm
  /// segmentation_models_pytorch's names, where it has its own.
  case smp
  /// terrane's own, of what nobody publishes; as torchvision would call them.
  case terrane
}

/// A map of features between two parts of a network.
public struct FeatureMap: Hashable, Sendable {
  /// The path of the PyTorch module whose result it is: `layer1`, `features.3`.
  public let name: String
  /// Its channels.
  public let channels: Int
  /// Pixels of the image from one pixel of it to the next.
  public let stride: Int

  /// A map of features.
  public init(name: String, channels: Int, stride: Int) {
    (self.name, self.channels, self.stride) = (name, channels, stride)
  }
}

/// A network that makes feature maps of falling resolution of an image, and where it has a head, scores of the whole image.
public protocol Backbone {
  /// The maps that ``features(of:in:)`` gives, the largest first.
  var maps: [FeatureMap] { get }
  /// Its parts from the input on, as a pipeline file freezes them; the paths are relative to the network.
  var parts: [NetworkPart] { get }
  /// Which of ``maps`` a decoder climbs, one a resolution, the largest first: those that segmentation_models_pytorch's encoder
  /// returns after the image itself where it has one of this network, otherwise those of timm's `features_only`.
  var encoderPlaces: [Int] { get }
  /// The path of the first convolution's weight, `[K, C, k, k]`, whose channels are the bands.
  var firstConvolution: String { get }
  /// Constants that its publisher has chosen otherwise than others whose tensors are the same: `epsilon 0.001`; nil where all agree.
  var ownConstants: String? { get }

  /// The ``maps`` of `[N, C, H, W]`, each `[N, C', H', W']`; after them what the head reads, where that is none of them: the
  /// class token of a transformer, `[N, D]`.
  func features(of input: Value, in pass: Pass) -> [Value]
  /// Scores `[N, K]` from the last of the features; only where the network was made with classes.
  func scores(of last: Value, in pass: Pass) -> Value
}

extension Backbone {
  /// All maps.
  public var encoderPlaces: [Int] { Array(maps.indices) }
  /// None.
  public var ownConstants: String? { nil }
}

/// How the last stages of a network keep their resolution: stride 1 and dilated kernels.
public enum StageDilation: Hashable, Sendable {
  /// torchvision's way, for a stride of 8: the first block of a dilated stage keeps the dilation of the stage before.
  case torchvision
  /// segmentation_models_pytorch's way, for a stride of 16: every convolution of the last stage is dilated by 2.
  case smp
}

/// What decides the parameters of a backbone beside its architecture.
public struct BackboneOptions: Sendable {
  /// Input bands.
  public var bands: Int
  /// Classes of the head; nil for a network without one.
  public var classes: Int?
  /// How parameters are called.
  public var scheme: NamingScheme
  /// Where stages are dilated instead of strided.
  public var dilation: StageDilation?
  /// Rows, and as many columns, of the patches that a transformer's position embedding was made for.
  public var positionGrid: Int

  /// Options of a backbone.
  public init(
    bands: Int, classes: Int? = nil, scheme: NamingScheme, dilation: StageDilation? = nil,
    positionGrid: Int = 14
  ) {
    (self.bands, self.classes, self.scheme, self.dilation) = (bands, classes, scheme, dilation)
    self.positionGrid = positionGrid
  }
}

/// A published architecture: a name, the schemes that it is published under, and how to make it.
public struct BackboneArchitecture: Sendable {
  /// The publisher's name of it: `resnet50`, `efficientnet_b0`.
  public let name: String
  /// Under which names its parameters are published.
  public let schemes: [NamingScheme]
  /// Makes its parameters in a scope.
  public let make: @Sendable (BackboneOptions, ParameterScope) -> any Backbone

  /// A published architecture.
  public init(
    name: String, schemes: [NamingScheme],
    make: @escaping @Sendable (BackboneOptions, ParameterScope) -> any Backbone
  ) {
    (self.name, self.schemes, self.make) = (name, schemes, make)
  }
}
