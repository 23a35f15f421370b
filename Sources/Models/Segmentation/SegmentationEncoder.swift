import Layers
import Tensors

/// A backbone as the first part of a segmentation network, and the maps of it that a decoder reads.
struct SegmentationEncoder {
  private let backbone: any Backbone
  private let prefix: String
  private let places: [Int]

  /// Makes the backbone's parameters, without a classifier, at `name` below `root`.
  init(
    _ architecture: BackboneArchitecture, bands: Int, dilation: StageDilation? = nil, named name: String,
    in root: ParameterScope
  ) {
    let options = BackboneOptions(bands: bands, scheme: architecture.encoderScheme, dilation: dilation)
    let backbone = architecture.make(options, root.child(name))
    (self.backbone, prefix) = (backbone, name + ".")
    places = backbone.encoderPlaces.suffix(Self.count)
  }

  /// How many maps a decoder gets: those at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image, or at less where stages are dilated.
  static let count = 5

  /// Channels of the maps, the largest map first.
  var channels: [Int] { places.map { backbone.maps[$0].channels } }

  /// The path of the first convolution's weight in the whole network.
  var firstConvolution: String { prefix + backbone.firstConvolution }

  /// The stages of the backbone, then those of the rest.
  func stages(decoder: [String], head: [String]) -> [NetworkStage] {
    backbone.stages.map { NetworkStage(name: $0.name, prefixes: $0.prefixes.map { prefix + $0 }) } + [
      NetworkStage(name: "decoder", prefixes: decoder), NetworkStage(name: "head", prefixes: head),
    ]
  }

  /// The maps of `[N, C, H, W]`, the largest first.
  func callAsFunction(_ input: Value, in pass: Pass) -> [Value] {
    let features = backbone.features(of: input, in: pass)
    return places.map { features[$0] }
  }
}

extension BackboneArchitecture {
  /// The names under which a segmentation network has it.
  fileprivate var encoderScheme: NamingScheme { schemes.contains(.smp) ? .smp : .torchvision }

  /// Those that segmentation_models_pytorch has as encoders.
  static let encoders = all.filter(\.isEncoder)

  private var isEncoder: Bool {
    schemes.contains(.smp) || ["resnet", "vgg", "densenet", "mobilenet_v2"].contains { name.hasPrefix($0) }
  }
}
