import Checkpoints
import Layers
import Tensors

/// A backbone as the first part of a segmentation network, and the maps of it that a decoder reads.
struct SegmentationEncoder {
  private let backbone: any Backbone
  private let prefix: String
  private let elided: String?
  private let places: [Int]
  private let input: NetworkInput

  /// Makes the backbone's parameters, without a classifier, at `name` below `root`.
  ///
  /// - Parameter elided: a name that the backbone's paths begin with and the whole network's leave out.
  init(
    _ architecture: BackboneArchitecture, input: NetworkInput, dilation: StageDilation? = nil,
    named name: String,
    eliding elided: String? = nil, in root: ParameterScope
  ) {
    var options = architecture.encoderOptions
    (options.bands, options.dilation) = (input.encoderChannels, dilation)
    self.input = input
    let backbone = architecture.make(options, root.child(name).eliding(elided))
    (self.backbone, prefix, self.elided) = (backbone, name + ".", elided)
    places = backbone.encoderPlaces.suffix(Self.count)
  }

  /// How many maps a decoder gets at most: those at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image, or at less where stages are
  /// dilated; ConvNeXt and Swin have none at 1/2.
  static let count = 5

  /// Channels of the maps, the largest map first.
  var channels: [Int] {
    places.map { backbone.maps[$0].channels * (input.comparison == .concatenation ? 2 : 1) }
  }

  /// Channels of ``imageMap(of:in:)``.
  var imageChannels: Int {
    input.bands * (input.comparison == nil || input.comparison == .difference ? 1 : 2)
  }

  /// The image itself as a map; of two dates both, or their difference, as the network's other maps are.
  func imageMap(of image: Value, in pass: Pass) -> Value {
    guard input.comparison == .difference else { return image }
    return pass.tape.absoluteDifference(
      pass.tape.channels(image, 0..<input.bands), pass.tape.channels(image, input.bands..<2 * input.bands))
  }

  /// The path of the first convolution's weight in the whole network.
  var firstConvolution: String { path(backbone.firstConvolution) }

  /// Where a path of the backbone is in the whole network.
  private func path(_ path: String) -> String {
    guard let elided, path.hasPrefix(elided + ".") else { return prefix + path }
    return prefix + path.dropFirst(elided.count + 1)
  }

  /// The parts of the backbone, then decoder and head.
  func parts(decoder: [String], head: [String]) -> [NetworkPart] {
    backbone.parts.map { NetworkPart(.encoder, name: $0.name, prefixes: $0.prefixes.map(path)) } + [
      NetworkPart(.decoder, name: "decoder", prefixes: decoder),
      NetworkPart(.head, name: "head", prefixes: head),
    ]
  }

  /// The maps of `[N, C, H, W]`, the largest first; of two dates that are seen one by one, `[N, 2 C, H, W]`, their maps joined.
  func callAsFunction(_ image: Value, in pass: Pass) -> [Value] {
    guard let comparison = input.comparison, comparison != .earlyFusion else {
      return maps(of: image, in: pass)
    }
    let pairs = datesApart(image, in: pass)
    guard comparison == .difference else { return pairs.map { pass.tape.concatenation([$0, $1]) } }
    return pairs.map { pass.tape.absoluteDifference($0, $1) }
  }

  /// The maps of each date.
  ///
  /// Where normalisations use the statistics of a batch, both dates are one: apart, each would be normalised by its own, and the
  /// running statistics would be those of neither.
  private func datesApart(_ image: Value, in pass: Pass) -> [(before: Value, after: Value)] {
    let (tape, bands, shape) = (pass.tape, input.bands, image.tensor.shape)
    if case .inference = pass.phase {
      return Array(
        zip(
          maps(of: tape.channels(image, 0..<bands), in: pass),
          maps(of: tape.channels(image, bands..<2 * bands), in: pass)))
    }
    let dates: Shape = [2 * shape.batch, bands, shape.height, shape.width]
    return maps(of: tape.reshaped(image, to: dates), in: pass).map { map in
      let (size, channels) = (map.tensor.shape, map.tensor.shape.channels)
      let pair = tape.reshaped(map, to: [shape.batch, 2 * channels, size.height, size.width])
      return (tape.channels(pair, 0..<channels), tape.channels(pair, channels..<2 * channels))
    }
  }

  private func maps(of image: Value, in pass: Pass) -> [Value] {
    let features = backbone.features(of: image, in: pass)
    return places.map { features[$0] }
  }
}

extension BackboneArchitecture {
  /// As a segmentation network has it: under which names, and without classes.
  var encoderOptions: BackboneOptions {
    BackboneOptions(bands: 1, scheme: schemes.contains(.smp) ? .smp : .torchvision)
  }
}
