import Checkpoints
import Layers

/// A published segmentation network over one encoder, and how to make it.
public struct SegmentationArchitecture: Sendable {
  /// What pipeline files and model cards call it: `unet`, `deeplabv3plus`.
  public let name: String
  /// Who names its parameters.
  public let scheme: NamingScheme
  let backbone: BackboneArchitecture
  private let make: Making

  /// Makes a network and its parameters in a scope.
  typealias Making =
    @Sendable (_ encoder: BackboneArchitecture, _ input: NetworkInput, _ classes: Int, _ root: ParameterScope)
    ->
    any SegmentationNetwork

  init(
    _ name: String, over backbone: BackboneArchitecture, _ scheme: NamingScheme, _ make: @escaping Making
  ) {
    (self.name, self.backbone, self.scheme, self.make) = (name, backbone, scheme, make)
  }

  /// Those of torchvision of one name.
  static func torchvision(_ name: String, over encoders: [String], _ make: @escaping Making)
    -> [SegmentationArchitecture]
  {
    BackboneArchitecture.all
      .filter { encoders.contains($0.name) && $0.schemes.contains(.torchvision) }
      .map { SegmentationArchitecture(name, over: $0, .torchvision, make) }
  }

  /// A network with fresh weights drawn from `seed`, or with parameters that wait for their values without one.
  public func network(bands: Int, comparing comparison: DateComparison? = nil, classes: Int, seed: UInt64?)
    -> any SegmentationNetwork
  {
    network(
      input: NetworkInput(bands: bands, comparison: comparison), classes: classes,
      in: ParameterScope(ParameterList(), seed: seed))
  }

  /// The same as a part of something larger: its parameters are below `root`, and go into the list that `root` is of.
  func network(input: NetworkInput, classes: Int, in root: ParameterScope) -> any SegmentationNetwork {
    make(backbone, input, classes, root)
  }

  /// The publisher's name of its encoder: `resnet18`, `efficientnet-b3`.
  public var encoder: String { backbone.name }

  /// Whether the encoder's maps are those that timm gives of the same network, so that a decoder over an
  /// encoder `tu-...` of segmentation_models_pytorch fits. timm takes those of DenseNets elsewhere, and
  /// dilates ResNets otherwise; a VGG is cut off before the maps' last reduction there, over which a U-Net
  /// has one part less.
  var takesTimmsMaps: Bool {
    switch name {
    case "unet": encoder.hasPrefix("resnet") || encoder == "inception_v3"
    case "fpn": ["resnet", "vgg", "inception"].contains { encoder.hasPrefix($0) }
    default: false
    }
  }

  /// Every segmentation network of terrane with every encoder that it is published with.
  public static let all: [SegmentationArchitecture] = [
    BackboneArchitecture.encoders.map { encoder in
      SegmentationArchitecture("unet", over: encoder, .smp) {
        UNet(encoder: $0, input: $1, classes: $2, in: $3)
      }
    },
    torchvision("fcn", over: ["resnet50", "resnet101"], FCN.init),
    torchvision("deeplabv3", over: ["resnet50", "resnet101", "mobilenet_v3_large"], DeepLabV3.init),
    BackboneArchitecture.encoders.filter(\.isDilatable).map {
      SegmentationArchitecture("deeplabv3plus", over: $0, .smp, DeepLabV3Plus.init)
    },
    BackboneArchitecture.encoders.map { SegmentationArchitecture("fpn", over: $0, .smp, FPN.init) },
    BackboneArchitecture.encoders.map { encoder in
      SegmentationArchitecture("unet-image-skip", over: encoder, .smp) {
        UNet(encoder: $0, input: $1, classes: $2, hasImageSkip: true, in: $3)
      }
    },
    [SegmentationArchitecture("pixelwise", over: PixelMLP.architecture, .terrane, PixelwiseClassifier.init)],
  ].flatMap { $0 }

  /// The names of the networks, each once.
  public static let names = distinct(all.map(\.name))

  /// The names of their encoders, each once.
  public static let encoders = distinct(all.map(\.encoder))

  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The one of these names.
  public static func named(_ name: String, encoder: String) -> SegmentationArchitecture? {
    all.first { $0.name == name && $0.encoder == encoder }
  }
}
