import Layers
import Tensors

/// What a decoder is given of a batch of images.
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
  /// `[N, D, H, W]`, at a resolution of its own.
  func features(of input: DecoderInput, in pass: Pass) -> Value
}

/// What a decoder is made for.
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
  /// What pipeline files and model cards call a network with it: `unet`.
  let name: String
  /// Who names its parameters.
  let scheme: NamingScheme
  /// The module that holds the encoder.
  var encoderPlace = "encoder"
  /// A name that an encoder's paths begin with and the whole network's leave out.
  var elided: @Sendable (_ encoder: String) -> String? = { _ in nil }
  /// How the encoder is dilated.
  var dilation: StageDilation?
  /// What the paths of the decoder start with.
  let paths: [String]
  /// The path of the decoder's weight that reads the bands as well.
  var imageConvolution: String?
  /// What published files have beside it and nothing here needs.
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
  /// What publishers choose.
  struct Options: Sendable {
    /// What the paths of the head start with.
    let path: String
    /// Where the convolution's parameters are.
    let place: String
    /// The convolution's size.
    var size = 1
    /// Whether scores are resampled to the size of the image, and whether corners lie on corners then.
    var resampling: Resampling?

    /// TerraTorch's `SegmentationHead` without layers of its own, and what its models do to the scores.
    static let terratorch = Options(path: "head.", place: "head.head.2", resampling: .pixelsOnPixels)

    /// How scores are resampled.
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

  /// `[N, D, h, w]` to `[N, K, height, width]`.
  func callAsFunction(_ features: Value, height: Int, width: Int, in pass: Pass) -> Value {
    let scores = convolution(pass.dropout(features), in: pass)
    guard let resampling = options.resampling else { return scores }
    return pass.tape.bilinearResampling(
      scores, height: height, width: width, alignsCorners: resampling == .cornersOnCorners)
  }
}
