import Layers

/// A network that weights are published for: a backbone, or a segmentation network over one.
public struct PublishedArchitecture: Sendable {
  /// What a pipeline file calls it: `resnet50`, `unet`.
  public let name: String
  /// The backbone of a segmentation network.
  public let encoder: String?
  /// Under which names its parameters are published.
  public let schemes: [NamingScheme]
  private let build: @Sendable (BackboneOptions, ParameterScope) -> PublishedNetwork.Body

  /// Everything that is recognised; of two that explain a file equally well the first one is taken.
  public static let all: [PublishedArchitecture] = backbones + segmentation

  private static let backbones = BackboneArchitecture.all.map { backbone in
    PublishedArchitecture(name: backbone.name, encoder: nil, schemes: backbone.schemes) {
      .backbone(backbone.make($0, $1))
    }
  }

  private static let segmentation: [PublishedArchitecture] = []

  private init(
    name: String, encoder: String?, schemes: [NamingScheme],
    build: @escaping @Sendable (BackboneOptions, ParameterScope) -> PublishedNetwork.Body
  ) {
    (self.name, self.encoder, self.schemes, self.build) = (name, encoder, schemes, build)
  }

  /// `resnet50`, `unet with resnet50`.
  public var description: String { encoder.map { "\(name) with \($0)" } ?? name }

  /// The maps between its parts; none for a segmentation network.
  public func maps(_ options: BackboneOptions) -> [FeatureMap] {
    guard case .backbone(let backbone) = network(options).body else {
      return []
    }
    return backbone.maps
  }

  /// Makes its parameters and forgets the rest.
  func layOut(_ options: BackboneOptions, _ scope: ParameterScope) { _ = build(options, scope) }

  /// A network with parameters that wait for their values.
  func network(_ options: BackboneOptions) -> PublishedNetwork {
    let parameters = ParameterList()
    return PublishedNetwork(
      parameters: parameters, hasHead: options.classes != nil,
      body: build(options, ParameterScope(parameters, seed: nil)))
  }
}
