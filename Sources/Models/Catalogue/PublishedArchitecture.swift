import Layers

/// A network that weights are published for: a backbone, or a segmentation network over one.
public struct PublishedArchitecture: Sendable {
  /// What a pipeline file calls it: `resnet50`, `unet`.
  public let name: String
  /// The backbone of a segmentation network.
  public let encoder: String?
  /// Under which names its parameters are published.
  public let schemes: [NamingScheme]
  private let make: @Sendable (BackboneOptions, UInt64?) -> PublishedNetwork

  /// Everything that is recognised; of two that explain a file equally well the first one is taken.
  public static let all = backbones + SegmentationArchitecture.all.map { PublishedArchitecture($0) }

  /// Those that are backbones.
  static let backbones = BackboneArchitecture.all.map { PublishedArchitecture($0) }

  private init(_ backbone: BackboneArchitecture) {
    (name, encoder, schemes) = (backbone.name, nil, backbone.schemes)
    make = { options, seed in
      let parameters = ParameterList()
      let network = backbone.make(options, ParameterScope(parameters, seed: seed))
      return PublishedNetwork(
        parameters: parameters, hasHead: options.classes != nil, body: .backbone(network))
    }
  }

  init(_ segmentation: SegmentationArchitecture) {
    (name, encoder, schemes) = (segmentation.name, segmentation.encoder, [segmentation.scheme])
    make = { options, seed in
      let network = segmentation.network(bands: options.bands, classes: options.classes ?? 1, seed: seed)
      return PublishedNetwork(parameters: network.parameters, hasHead: true, body: .segmentation(network))
    }
  }

  /// `resnet50`, `unet with resnet50`.
  public var description: String { encoder.map { "\(name) with \($0)" } ?? name }

  /// The maps between its parts; none for a segmentation network.
  public func maps(_ options: BackboneOptions) -> [FeatureMap] {
    guard case .backbone(let backbone) = network(options).body else { return [] }
    return backbone.maps
  }

  /// A network with fresh weights drawn from `seed`; without one its parameters wait for their values.
  public func network(_ options: BackboneOptions, seed: UInt64? = nil) -> PublishedNetwork {
    make(options, seed)
  }
}
