import Layers
import Models
import Tensors

/// An encoder, complete: five 3 x 3 convolutions, each of which halves the image, normalised and rectified.
///
/// This is how an encoder is added. Its design makes it a classifier of images, and the encoder of every
/// network of pixels whose decoder can climb its maps; training, freezing by parts, prepared inference and
/// memory forecasts follow from the description.
///
/// An encoder of terrane itself lies in `Sources/Models/Encoders`, and its designs stand in the list of
/// `Architecture+Catalogue.swift`: pipeline files and `Recognition` know it from then on. One that somebody
/// has published has besides
/// - the citation first: `- Source: He et al. 2015, arXiv:1512.03385`, and whose code is followed;
/// - the publisher's names of parameters, so that files of weights load as they are, and its `NamingScheme`s;
/// - a golden test against the publisher's code in `Tests/ModelsTests`, and a case of `Parity/parity.py`;
/// - the count of its parameters in `ParameterCountTests`, as the publisher prints it.
package struct PlainConvolutions: Encoder {
  /// `plain5`, which nobody publishes: `.terrane` is the scheme of names of our own.
  package static let design = EncoderDesign(
    "plain5", [.terrane], describe: description, make: { PlainConvolutions($0, in: $1) })

  /// Channels of each stage. There are five, because decoders climb from 1/32 of the image.
  private static let widths = [16, 32, 64, 128, 256]

  /// What is known of it without making it.
  package let description: EncoderDescription
  private let stages: [Halving]
  /// An optional part is nil, not a dummy: without classes there is no head.
  private let head: Linear?

  /// Makes `stage1` ... `stage5` and, with classes, `head` in `scope`.
  ///
  /// A parameter's path is its name in files of weights, and decides its first value together with the seed:
  /// no other parameter changes it. Without a seed parameters have shapes and no values, which costs nothing.
  package init(_ options: EncoderOptions, in scope: ParameterScope) {
    // A programmer's mistake traps; what a user can cause was refused before anything is made.
    precondition(options.dilation == nil, "plain convolutions keep their strides")
    description = Self.description(options)
    let inputs = [options.bands] + Self.widths
    stages = zip(inputs, Self.widths).enumerated().map { index, channels in
      Halving(inputs: channels.0, outputs: channels.1, in: scope.child("stage\(index + 1)"))
    }
    head = options.classes.map {
      Linear(inputs: Self.widths.last!, outputs: $0, in: scope.child("head"))
    }
  }

  /// The maps and parts are `stage1` ... `stage5`, and with classes there is the part `head`.
  ///
  /// It is asked before anything is made, and must say what will be: a test holds it against the network.
  private static func description(_ options: EncoderOptions) -> EncoderDescription {
    let names = widths.indices.map { "stage\($0 + 1)" }
    // Each parameter belongs to exactly one part: parts are frozen, or given a rate of their own, by name.
    let parts = names.map { NetworkPart(.encoder, name: $0, prefixes: [$0 + "."]) }
    let head = NetworkPart(.head, name: "head", prefixes: ["head."])
    return EncoderDescription(
      maps: zip(names, widths).enumerated().map { index, stage in
        FeatureMap(name: stage.0, channels: stage.1, stride: 2 << index)
      },
      parts: options.classes == nil ? parts : parts + [head],
      // Pretrained weights for other bands are fitted here.
      firstConvolution: "stage1.convolution.weight",
      // Sides of a multiple of 32 are halved evenly five times, which is the default.
      input: InputContract(bands: options.bands))
  }

  /// Five maps of `[N, C, H, W]`, the largest first.
  ///
  /// This is written once: on kernels that compute it is a forward pass, on those of a training the way back
  /// is recorded, and on a `GraphRecorder` it becomes the graph that inference is prepared from. So it says
  /// what is computed by the pass's operations alone and never looks at values.
  package func features(of input: Value, in pass: Pass) -> Features {
    var (maps, value) = ([Value](), input)
    for stage in stages {
      value = stage(value, in: pass)
      maps.append(value)
    }
    return Features(maps: maps)
  }

  /// The means of the last map, `[N, 256]`.
  package func pooled(_ features: Features, in pass: Pass) -> Value {
    pass.tape.channelMeanVector(features.maps.last!)
  }

  /// A linear map, `[N, K]`.
  package func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("an encoder without classes gives no scores") }
    return head(pooled, in: pass)
  }
}

/// A convolution with stride 2, batch normalisation and ReLU.
private struct Halving {
  private let convolution: Convolution
  private let norm: BatchNormalization

  init(inputs: Int, outputs: Int, in scope: ParameterScope) {
    convolution = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 3, stride: 2, padding: 1)),
      in: scope.child("convolution"), initializer: .kaimingNormalFanOut)
    norm = BatchNormalization(channels: outputs, activation: .relu, in: scope.child("norm"))
  }

  /// `[N, C, H, W]` to `[N, K, H / 2, W / 2]`, rounded up.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    norm(convolution(input, in: pass), in: pass)
  }
}
