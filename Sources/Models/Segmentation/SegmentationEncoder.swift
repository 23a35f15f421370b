import Layers
import Tensors

/// A backbone as the first part of a segmentation network, and the maps of it that a decoder reads.
struct SegmentationEncoder {
  private let backbone: any Backbone
  private let prefix: String
  private let elided: String?
  private let places: [Int]

  /// Makes the backbone's parameters, without a classifier, at `name` below `root`.
  ///
  /// - Parameter elided: a name that the backbone's paths begin with and the whole network's leave out.
  init(
    _ architecture: BackboneArchitecture, bands: Int, dilation: StageDilation? = nil, named name: String,
    eliding elided: String? = nil, in root: ParameterScope
  ) {
    var options = architecture.encoderOptions
    (options.bands, options.dilation) = (bands, dilation)
    let backbone = architecture.make(options, root.child(name).eliding(elided))
    (self.backbone, prefix, self.elided) = (backbone, name + ".", elided)
    places = backbone.encoderPlaces.suffix(Self.count)
  }

  /// How many maps a decoder gets at most: those at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image, or at less where stages are
  /// dilated; ConvNeXt and Swin have none at 1/2.
  static let count = 5

  /// Channels of the maps, the largest map first.
  var channels: [Int] { places.map { backbone.maps[$0].channels } }

  /// The path of the first convolution's weight in the whole network.
  var firstConvolution: String { path(backbone.firstConvolution) }

  /// Where a path of the backbone is in the whole network.
  private func path(_ path: String) -> String {
    guard let elided, path.hasPrefix(elided + ".") else { return prefix + path }
    return prefix + path.dropFirst(elided.count + 1)
  }

  /// The stages of the backbone, then those of the rest.
  func stages(decoder: [String], head: [String]) -> [NetworkStage] {
    backbone.stages.map { NetworkStage(name: $0.name, prefixes: $0.prefixes.map(path)) } + [
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
  /// As a segmentation network has it: under which names, and without classes.
  var encoderOptions: BackboneOptions {
    BackboneOptions(bands: 1, scheme: schemes.contains(.smp) ? .smp : .torchvision)
  }

  /// Those that segmentation_models_pytorch has as encoders: its own, and of those it takes from timm, the ones with maps of
  /// several resolutions, under torchvision's names.
  static let encoders = all.filter { architecture in
    architecture.schemes.contains(.smp)
      || architecture.schemes.contains(.torchvision)
        && ["resnet", "vgg", "densenet", "mobilenet", "inception", "convnext", "swin"].contains {
          architecture.name.hasPrefix($0)
        }
  }
}
