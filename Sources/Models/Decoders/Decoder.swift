import Layers
import Tensors

/// The input of a decoder for a batch of images.
struct DecoderInput {
  /// The encoder's maps, or the neck's, the largest first, `[N, C, H', W']` each.
  let maps: [Value]
  /// The image as the network's maps are: of two dates both, or their difference; nil for a decoder that does
  /// not read it.
  let image: Value?
  /// The sides of the image.
  let height, width: Int
}

/// Joins the maps of an encoder to the features of pixels that a head reads.
protocol Decoder {
  /// Computes the features `[N, D, H, W]`, at a resolution of the decoder's own.
  func features(of input: DecoderInput, in pass: Pass) -> Value
}

/// The maps and options that a decoder is made for.
struct DecoderPlan {
  /// Channels of the maps, the largest map first.
  let channels: [Int]
  /// Channels of the image.
  let imageChannels: Int
  /// The publisher's name of the encoder.
  let encoder: String
}

/// A decoder and its head as a publisher has them, and where the parts of a network with them are.
struct DecoderDesign: Sendable {
  /// The name in pipeline files and model cards of a network with this decoder: `unet`.
  let name: String
  /// The publisher whose names its parameters have.
  let scheme: NamingScheme
  /// The module that holds the encoder.
  var encoderPlace = "encoder"
  /// A name that an encoder's paths begin with and the whole network's leave out.
  var elided: @Sendable (_ encoder: String) -> String? = { _ in nil }
  /// The dilation of the encoder.
  var dilation: StageDilation?
  /// The prefixes of the paths of the decoder.
  let paths: [String]
  /// The path of the decoder's weight that reads the bands as well.
  var imageConvolution: String?
  /// The tensors that published files have beside the decoder's and that nothing here needs.
  var passedOver: [String] = []
  /// The head.
  let head: PixelHead.Options
  /// Channels of its features, by those of the maps.
  let featureChannels: @Sendable ([Int]) -> Int
  /// Makes its parameters at the root of the network.
  let make: @Sendable (DecoderPlan, ParameterScope) -> any Decoder
}

/// A convolution that makes scores of features, brought to the size of the image where they are smaller.
struct PixelHead {
  /// The choices of publishers.
  struct Options: Sendable {
    /// The prefix of the paths of the head.
    let path: String
    /// The path of the convolution's parameters.
    let place: String
    /// The convolution's size.
    var size = 1
    /// Whether scores are resampled to the size of the image, and whether corners lie on corners then.
    var resampling: Resampling?

    /// TerraTorch's `SegmentationHead` without layers of its own, and what its models do to the scores.
    static let terratorch = Options(path: "head.", place: "head.head.2", resampling: .pixelsOnPixels)

    /// The rule by which scores are resampled.
    enum Resampling: Sendable {
      case pixelsOnPixels, cornersOnCorners
    }
  }

  private let convolution: Convolution
  private let options: Options

  init(_ options: Options, inputs: Int, classes: Int, in root: ParameterScope) {
    self.options = options
    convolution = Convolution(
      .init(inputs: inputs, outputs: classes, kernel: .centered(size: options.size), hasBias: true),
      in: root.descendant(options.place), initializer: .xavierUniform)
  }

  /// Maps features `[N, D, h, w]` to scores `[N, K, height, width]`.
  func callAsFunction(_ features: Value, height: Int, width: Int, in pass: Pass) -> Value {
    let scores = convolution(pass.dropout(features), in: pass)
    guard let resampling = options.resampling else { return scores }
    return pass.tape.bilinearResampling(
      scores, height: height, width: width, alignsCorners: resampling == .cornersOnCorners)
  }
}
