import Checkpoints
import Layers
import Tensors

/// The output of a network for a batch of images.
public struct NetworkOutput {
  /// Scores before the softmax, `[N, K, H, W]`; a whole image is one place, `[N, K, 1, 1]`.
  public let scores: Value
  /// The features that the head reads, `[N, D, H, W]`, before any dropout: what feature alignment works on.
  public let features: Value

  /// Creates the output of a network for a batch of images.
  public init(scores: Value, features: Value) { (self.scores, self.features) = (scores, features) }
}

/// The properties of a network that are known before its parameters are made.
public struct NetworkDescription: Hashable, Sendable {
  /// The network's parts from the input on.
  public var parts: [NetworkPart]
  /// The prefixes of the paths of each layer of the encoder, from the input on, where learning rates fall
  /// from layer to layer: patches and each block of a transformer; nil where they fall from part to part.
  public var layers: [[String]]?
  /// The maps that the encoder hands on, the largest first, of one date.
  public var maps: [FeatureMap]
  /// The path of the first convolution's weight, `[K, C, k, k]`, whose channels are the bands.
  public var firstConvolution: String
  /// The path of the decoder's weight that reads the bands as well, `[K, D + C, k, k]`; nil where none does.
  public var imageConvolution: String?
  /// Channels of what the head reads.
  public var featureChannels: Int
  /// Constants of the encoder that its publisher has chosen otherwise than others: `epsilon 0.001`; nil where
  /// all agree.
  public var ownConstants: String?
  /// The network's demands on images.
  public var input: InputContract
}

/// The options that decide the parameters of a network beside its architecture.
public struct NetworkOptions: Hashable, Sendable {
  /// Input bands of a date.
  public var bands: Int
  /// The rule by which the bands of two dates are compared; nil for a network of one date.
  public var comparison: DateComparison?
  /// Classes of the head; nil for an encoder without one.
  public var classes: Int?
  /// The scheme of the parameters' names.
  public var scheme: NamingScheme
  /// Rows, and as many columns, of the patches that positions are learned for; nil for the publisher's
  /// number.
  public var positionGrid: Int?

  /// Options of a network.
  public init(
    bands: Int, comparing comparison: DateComparison? = nil, classes: Int? = nil, scheme: NamingScheme,
    positionGrid: Int? = nil
  ) {
    (self.bands, self.comparison, self.classes) = (bands, comparison, classes)
    (self.scheme, self.positionGrid) = (scheme, positionGrid)
  }
}

/// A network that scores each pixel of an image, or the image as a whole.
public protocol Network {
  /// Everything learned or collected; those of all members where it is one of an ensemble.
  var parameters: ParameterList { get }
  /// The network's description, which needs no parameters.
  var description: NetworkDescription { get }
  /// Returns the maps of `[N, C, H, W]` that the encoder hands on, `[N, C', H', W']` each, the largest first.
  func encoderFeatures(of input: Value, in pass: Pass) -> [Value]
  /// Returns what the encoder makes of `[N, C, H, W]` for the rest of the network, each value with the images
  /// along its first axis.
  func encoded(_ input: Value, in pass: Pass) -> [Value]
  /// Returns the output for images of which ``encoded(_:in:)`` gave these values.
  func callAsFunction(_ encoded: [Value], of input: Value, in pass: Pass) -> NetworkOutput
}

extension Network {
  /// Scores of `[N, C, H, W]`; a pass with ``TrainingNoise`` drops channels of what the head reads, and
  /// residual blocks of an encoder that has any.
  public func callAsFunction(_ input: Value, in pass: Pass) -> NetworkOutput {
    self(encoded(input, in: pass), of: input, in: pass)
  }

  /// Returns the numbers that the operations of a pass over an image of `shape` `[1, C, H, W]` give: about
  /// what training keeps for the way back, beside what is made of weights alone.
  public func keptCount(for shape: Shape) -> Int {
    let count = recorded(on: shape).nodes.reduce(0) { $0 + $1.shape.count }
    MemoryPool.shared.trim()  // of the copies of weights in the graph
    return count
  }

  private func recorded(on shape: Shape) -> InferenceGraph {
    let recorder = GraphRecorder(inputShape: shape)
    let output = self(Value(recorder.input), in: Pass(.inference, kernels: recorder))
    return recorder.graph(to: output.scores.tensor)
  }

  /// Returns the network with its present weights, made ready for images of `shape` `[1, C, H, W]`; later
  /// changes of the weights do not reach it.
  public func prepared(for shape: Shape, on kernels: any Kernels) -> any PreparedInference {
    kernels.prepared(recorded(on: shape))
  }
}
