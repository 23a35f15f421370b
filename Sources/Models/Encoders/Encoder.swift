import Layers
import Tensors

/// The features that an encoder computes of images.
public struct Features {
  /// The maps of the encoder's description, each `[N, C, H, W]`.
  public let maps: [Value]
  /// The patches' tokens of the last map, `[N, L, D]`, and row by row; nil of an encoder without tokens.
  public let tokens: Value?
  /// The class token after the last normalisation, `[N, D]`; nil of an encoder without one.
  public let classToken: Value?

  /// Creates the features of images.
  public init(maps: [Value], tokens: Value? = nil, classToken: Value? = nil) {
    (self.maps, self.tokens, self.classToken) = (maps, tokens, classToken)
  }

  /// The output of a network without a head: the class token where there is one, else the last map.
  public var last: Value { classToken ?? maps.last! }
}

/// A network that makes features of an image, and where it was made with classes, scores of the whole image.
public protocol Encoder {
  /// The encoder's description, which needs no parameters.
  var description: EncoderDescription { get }
  /// Returns the features of `[N, C, H, W]`.
  func features(of input: Value, in pass: Pass) -> Features
  /// Computes the input of the publisher's classifier, `[N, D]`; only where the network was made with
  /// classes.
  func pooled(_ features: Features, in pass: Pass) -> Value
  /// Scores `[N, K]` of what ``pooled(_:in:)`` gives; only where the network was made with classes.
  func scores(of pooled: Value, in pass: Pass) -> Value
}

/// The properties of an encoder that are known before its parameters are made.
public struct EncoderDescription: Hashable, Sendable {
  /// The maps that it gives, the largest first.
  public var maps: [FeatureMap]
  /// The places in ``maps`` of those that a decoder reads, one a resolution, the largest first: those that
  /// segmentation_models_pytorch's encoder returns after the image itself where it has one of this network,
  /// otherwise those of timm's `features_only`.
  public var decoderPlaces: [Int]
  /// The encoder's parts from the input on, as a pipeline file freezes them; the paths are relative to the
  /// network.
  public var parts: [NetworkPart]
  /// The prefixes of the paths of each layer from the input on, where learning rates fall from layer to layer
  /// instead of from part to part.
  public var layers: [[String]]?
  /// The path of the first convolution's weight, `[K, C, k, k]`, whose channels are the bands.
  public var firstConvolution: String
  /// The channels that the publisher's classifier reads.
  public var pooledChannels: Int
  /// The prefixes of the paths of parameters on which no map depends.
  public var besideMaps: [String]
  /// Constants that its publisher has chosen otherwise than others whose tensors are the same: `epsilon
  /// 0.001`; nil where all agree.
  public var ownConstants: String?
  /// Whether the encoder computes the maps of several dates together, each date knowing the others, where
  /// ``EncoderOptions/dates`` says so.
  public var takesDates: Bool
  /// The encoder's demands on images.
  public var input: InputContract

  /// Creates a description; a decoder climbs all maps where nothing else is said, and a classifier reads the
  /// channels of the last one.
  package init(
    maps: [FeatureMap], decoderPlaces: [Int]? = nil, parts: [NetworkPart], layers: [[String]]? = nil,
    firstConvolution: String,
    pooledChannels: Int? = nil, besideMaps: [String] = [], ownConstants: String? = nil,
    takesDates: Bool = false, input: InputContract
  ) {
    (self.maps, self.decoderPlaces) = (maps, decoderPlaces ?? Array(maps.indices))
    (self.parts, self.layers, self.firstConvolution) = (parts, layers, firstConvolution)
    self.pooledChannels = pooledChannels ?? maps.last!.channels
    (self.besideMaps, self.ownConstants, self.input) = (besideMaps, ownConstants, input)
    self.takesDates = takesDates
  }
}

/// The way in which the last stages of a network keep their resolution: stride 1 and dilated kernels.
public enum StageDilation: Hashable, Sendable {
  /// torchvision's way, for a stride of 8: the first block of a dilated stage keeps the dilation of the stage
  /// before.
  case torchvision
  /// segmentation_models_pytorch's way, for a stride of 16: every convolution of the last stage is dilated by
  /// 2.
  case smp
}

/// The options that decide the parameters of an encoder beside its design.
public struct EncoderOptions: Hashable, Sendable {
  /// Input bands.
  public var bands: Int
  /// Classes of the head; nil for a network without one.
  public var classes: Int?
  /// The scheme of the parameters' names.
  public var scheme: NamingScheme
  /// The dilation of stages in place of strides; nil for none.
  public var dilation: StageDilation?
  /// Rows, and as many columns, of the patches that positions are learned for; nil for the publisher's
  /// number.
  public var positionGrid: Int?
  /// Dates whose bands an image has one after the other: more than one only of an encoder that
  /// ``EncoderDescription/takesDates``. Its maps have the channels of one date after the other's, too.
  public var dates: Int

  /// Options of an encoder.
  public init(
    bands: Int, classes: Int? = nil, scheme: NamingScheme, dilation: StageDilation? = nil,
    positionGrid: Int? = nil, dates: Int = 1
  ) {
    (self.bands, self.classes, self.scheme, self.dilation) = (bands, classes, scheme, dilation)
    (self.positionGrid, self.dates) = (positionGrid, dates)
  }
}

/// An encoder as publishers have it: a name, the schemes that it is published under, what it is like and how
/// to make it.
public struct EncoderDesign: Sendable {
  /// The publisher's name of it: `resnet50`, `efficientnet_b0`.
  public let name: String
  /// The schemes of names under which its parameters are published.
  public let schemes: [NamingScheme]
  /// Describes the encoder without making it.
  public let describe: @Sendable (EncoderOptions) -> EncoderDescription
  /// Makes its parameters in a scope.
  public let make: @Sendable (EncoderOptions, ParameterScope) -> any Encoder

  /// An encoder of a publisher, or of our own.
  package init(
    _ name: String, _ schemes: [NamingScheme],
    describe: @escaping @Sendable (EncoderOptions) -> EncoderDescription,
    make: @escaping @Sendable (EncoderOptions, ParameterScope) -> any Encoder
  ) {
    (self.name, self.schemes, self.describe, self.make) = (name, schemes, describe, make)
  }
}
