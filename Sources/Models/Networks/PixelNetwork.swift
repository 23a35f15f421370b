import Checkpoints
import Layers
import Tensors

/// An encoder, at times a neck, a decoder and a head, as one network that gives each pixel a score for each
/// class.
public struct PixelNetwork: Network {
  /// Everything learned or collected.
  public let parameters: ParameterList
  /// The network's description, which needs no parameters.
  public let description: NetworkDescription
  private let encoder: DatedEncoder
  private let neck: (any Neck)?
  private let decoder: any Decoder
  private let head: PixelHead

  init(_ design: PixelNetworkDesign, _ options: NetworkOptions, in root: ParameterScope) {
    let (description, plan) = (design.description(options), design.decoderPlan(options))
    parameters = root.parameters
    encoder = DatedEncoder(
      design.encoder, design.encoderOptions(options), input: description.input,
      in: root.child(design.decoder.encoderPlace).eliding(design.elided))
    for name in design.decoder.passedOver { root.passOver(below: name) }
    for path in design.unusedPaths(options) { root.leaveUnused(below: path) }
    neck = design.neck.map { $0.make(design.encoderMaps(options), root) }
    decoder = design.decoder.make(plan, root)
    head = PixelHead(
      design.decoder.head, inputs: description.featureChannels, classes: options.classes ?? 1, in: root)
    self.description = description
  }

  /// Returns the maps that the encoder hands to the neck or the decoder.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// Returns the maps that the encoder hands to the neck or the decoder.
  public func encoded(_ input: Value, in pass: Pass) -> [Value] { encoder(input, in: pass) }

  /// Scores `[N, K, H, W]`, and the decoder's features, of the encoder's maps.
  public func callAsFunction(_ maps: [Value], of input: Value, in pass: Pass) -> NetworkOutput {
    let (height, width) = (input.tensor.shape.height, input.tensor.shape.width)
    let features = decoder.features(
      of: DecoderInput(
        maps: neck.map { $0(maps, in: pass) } ?? maps,
        image: description.imageConvolution == nil ? nil : encoder.imageMap(of: input, in: pass),
        height: height, width: width), in: pass)
    return NetworkOutput(
      scores: head(features, height: height, width: width, in: pass), features: features)
  }
}

/// The encoder, neck and decoder of a network of pixels.
struct PixelNetworkDesign: Sendable {
  let encoder: EncoderDesign
  var neck: NeckDesign?
  let decoder: DecoderDesign

  /// The name that the encoder's paths begin with and the whole network's leave out.
  var elided: String? { decoder.elided(encoder.name) }

  /// Returns the encoder as the network has it: under which names, and without classes.
  func encoderOptions(_ options: NetworkOptions) -> EncoderOptions {
    var inner = EncoderOptions(
      bands: InputContract(bands: options.bands, comparison: options.comparison).encoderChannels,
      scheme: encoder.innerScheme, dilation: decoder.dilation,
      positionGrid: options.positionGrid)
    if options.comparison == .concatenation && encoder.describe(inner).takesDates { inner.dates = 2 }
    return inner
  }

  /// Returns the maps that the encoder hands on, as the decoder or the neck gets them.
  func encoderMaps(_ options: NetworkOptions) -> [FeatureMap] {
    let encoder = encoder.describe(encoderOptions(options))
    let input = InputContract(bands: options.bands, comparison: options.comparison)
    return encoder.handedOn.map { place in
      let map = encoder.maps[place]
      return FeatureMap(name: map.name, channels: input.joined(map.channels), stride: map.stride)
    }
  }

  func decoderPlan(_ options: NetworkOptions) -> DecoderPlan {
    let maps = encoderMaps(options)
    let input = InputContract(bands: options.bands, comparison: options.comparison)
    return DecoderPlan(
      channels: (neck?.maps(maps) ?? maps).map(\.channels), imageChannels: input.imageChannels,
      encoder: encoder.name)
  }

  /// Describes the network without making it.
  func description(_ options: NetworkOptions) -> NetworkDescription {
    let inner = encoder.describe(encoderOptions(options))
    var input = inner.input
    (input.bands, input.comparison) = (options.bands, options.comparison)
    let parts = inner.parts.map {
      NetworkPart(.encoder, name: $0.name, prefixes: $0.prefixes.map(path))
    }
    let coarsest = (neck?.maps(encoderMaps(options)) ?? []).map(\.stride).max() ?? 1
    input.sideMultiple = max(input.sideMultiple, coarsest)
    input.smallestSide = max(input.smallestSide, coarsest)
    input.cutsOddSides = neck != nil
    return NetworkDescription(
      parts: parts + [
        NetworkPart(
          .decoder, name: "decoder", prefixes: (neck.map { [$0.path] } ?? []) + decoder.paths),
        NetworkPart(.head, name: "head", prefixes: [decoder.head.path]),
      ],
      layers: inner.layers?.map { $0.map(path) },
      maps: inner.handedOn.map { place in
        let map = inner.maps[place]
        return FeatureMap(name: path(map.name), channels: map.channels, stride: map.stride)
      }, firstConvolution: path(inner.firstConvolution), imageConvolution: decoder.imageConvolution,
      featureChannels: decoder.featureChannels(decoderPlan(options).channels),
      ownConstants: inner.ownConstants, input: input)
  }

  /// Returns the prefixes of the paths of the encoder's parameters on which no score depends.
  func unusedPaths(_ options: NetworkOptions) -> [String] {
    encoder.describe(encoderOptions(options)).besideMaps.map(path)
  }

  /// Returns the path in the whole network of a path of the encoder.
  private func path(_ path: String) -> String {
    let place = decoder.encoderPlace + "."
    guard let elided, path.hasPrefix(elided + ".") else { return place + path }
    return place + path.dropFirst(elided.count + 1)
  }
}

extension EncoderDesign {
  /// The scheme of the parameters' names inside a network of pixels: that of segmentation_models_pytorch
  /// where it has its own, else torchvision's, else timm's.
  var innerScheme: NamingScheme {
    [.smp, .torchvision].first(where: schemes.contains) ?? schemes.first ?? .torchvision
  }
}
