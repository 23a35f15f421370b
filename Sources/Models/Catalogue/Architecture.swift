import Layers

/// A network that weights are published for, and how to make it: an encoder by itself, or a network of pixels
/// over one.
public struct Architecture: Sendable {
  /// The name in pipeline files and model cards: `resnet50`, `unet`.
  public let name: String
  /// The publisher's name of the encoder of a network of pixels: `resnet18`, `efficientnet-b3`; nil of an
  /// encoder by itself.
  public let encoder: String?
  /// The schemes of names under which its parameters are published.
  public let schemes: [NamingScheme]
  private let design: Design

  private enum Design {
    case image(EncoderDesign)
    case pixels(PixelNetworkDesign)
  }

  /// An encoder by itself.
  package init(_ encoder: EncoderDesign) {
    (name, self.encoder, schemes, design) = (encoder.name, nil, encoder.schemes, .image(encoder))
  }

  init(_ decoder: DecoderDesign, over encoder: EncoderDesign, neck: NeckDesign? = nil) {
    (name, self.encoder, schemes) = (decoder.name, encoder.name, [decoder.scheme])
    design = .pixels(PixelNetworkDesign(encoder: encoder, neck: neck, decoder: decoder))
  }

  /// The same network of pixels over another encoder, which need not be in the catalogue.
  ///
  /// - Precondition: it is no encoder by itself, which has none to exchange.
  package func over(_ encoder: EncoderDesign) -> Architecture {
    guard case .pixels(let design) = design else { preconditionFailure("\(name) is an encoder by itself") }
    return Architecture(design.decoder, over: encoder, neck: design.neck)
  }

  /// The names in model cards: `unet` with `resnet50`; an encoder by itself is the classifier over it.
  public var cardNames: (architecture: String, encoder: String) {
    encoder.map { (name, $0) } ?? (Self.classifier, name)
  }

  /// `resnet50`, `unet with resnet50`.
  public var description: String { encoder.map { "\(name) with \($0)" } ?? name }

  /// The network's encoder, as its publisher has it.
  package var encoderDesign: EncoderDesign {
    switch design {
    case .image(let encoder): encoder
    case .pixels(let design): design.encoder
    }
  }

  /// Describes the network without making its parameters.
  public func description(_ options: NetworkOptions) -> NetworkDescription {
    switch design {
    case .image(let encoder): ImageNetwork.description(encoder, options)
    case .pixels(let design): design.description(options)
    }
  }

  /// Returns a network with fresh weights drawn from `seed`; without one its parameters wait for their
  /// values.
  public func network(_ options: NetworkOptions, seed: UInt64? = nil) -> any Network {
    network(options, in: ParameterScope(ParameterList(), seed: seed))
  }

  /// Returns a network as a part of something larger: its parameters are below `root`, and go into the list
  /// that `root` is of.
  func network(_ options: NetworkOptions, in root: ParameterScope) -> any Network {
    switch design {
    case .image(let encoder): ImageNetwork(encoder, options, in: root)
    case .pixels(let design): PixelNetwork(design, options, in: root)
    }
  }

  /// Whether the encoder's maps are those that timm gives of the same network, so that a decoder over an
  /// encoder `tu-...` of segmentation_models_pytorch fits. timm takes those of DenseNets elsewhere, and
  /// dilates ResNets otherwise; a VGG is cut off before the maps' last reduction there, over which a U-Net
  /// has one part less.
  var takesTimmsMaps: Bool {
    let encoder = encoder ?? name
    return switch name {
    case "unet": encoder.hasPrefix("resnet") || encoder == "inception_v3"
    case "fpn": ["resnet", "vgg", "inception"].contains { encoder.hasPrefix($0) }
    default: false
    }
  }
}
