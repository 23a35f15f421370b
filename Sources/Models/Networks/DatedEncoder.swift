import Checkpoints
import Layers
import Tensors

/// An encoder as the first part of a network of pixels: it sees the bands of one date, or of two dates as the
/// contract says.
struct DatedEncoder {
  private let encoder: any Encoder
  private let places: [Int]
  private let input: InputContract
  /// Whether the encoder brings the dates together itself.
  private let takesDates: Bool

  /// Makes the encoder's parameters, without a classifier, in `scope`.
  init(_ design: EncoderDesign, _ options: EncoderOptions, input: InputContract, in scope: ParameterScope) {
    encoder = design.make(options, scope)
    places = encoder.description.handedOn
    (self.input, takesDates) = (input, options.dates > 1)
  }

  /// Returns the image itself as a map; of two dates both, or their difference, as the network's other maps
  /// are.
  func imageMap(of image: Value, in pass: Pass) -> Value {
    guard input.comparison == .difference else { return image }
    return pass.tape.absoluteDifference(
      pass.tape.channels(image, 0..<input.bands), pass.tape.channels(image, input.bands..<2 * input.bands))
  }

  /// Returns the maps of `[N, C, H, W]`, the largest first; of two dates that are seen one by one,
  /// `[N, 2 C, H, W]`, their maps joined. An encoder that takes dates joins them itself, and computes each
  /// with the other in sight.
  func callAsFunction(_ image: Value, in pass: Pass) -> [Value] {
    guard let comparison = input.comparison, comparison != .earlyFusion, !takesDates else {
      return maps(of: image, in: pass)
    }
    let pairs = datesApart(image, in: pass)
    guard comparison == .difference else { return pairs.map { pass.tape.concatenation([$0, $1]) } }
    return pairs.map { pass.tape.absoluteDifference($0, $1) }
  }

  /// Returns the maps of each date.
  ///
  /// Where normalisations use the statistics of a batch, both dates are one: apart, each would be normalised
  /// by its own, and the running statistics would be those of neither.
  private func datesApart(_ image: Value, in pass: Pass) -> [(before: Value, after: Value)] {
    let (tape, bands, shape) = (pass.tape, input.bands, image.tensor.shape)
    if pass.isInference {
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
    let features = encoder.features(of: image, in: pass)
    return places.map { features.maps[$0] }
  }
}

extension EncoderDescription {
  /// The largest number of maps that a decoder gets: those at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image, or
  /// at less where stages are dilated; ConvNeXt and Swin have none at 1/2.
  private static let count = 5

  /// The places of the maps that a decoder gets.
  var handedOn: [Int] { decoderPlaces.suffix(Self.count) }
}

extension InputContract {
  /// Channels of a map of the encoder with so many, as the decoder gets it.
  func joined(_ channels: Int) -> Int { comparison == .concatenation ? 2 * channels : channels }

  /// Channels of the image as the decoder gets it.
  var imageChannels: Int { comparison == nil || comparison == .difference ? bands : 2 * bands }
}
