import Layers
import Tensors

/// What a segmentation network makes of a batch of chips.
public struct Segmentation {
  /// Class scores before the softmax, `[N, K, H, W]`.
  public let scores: Value
  /// The features that the head reads, `[N, D, H, W]`, before any dropout: what feature alignment works on.
  public let features: Value
}

/// A network that gives each pixel of a chip a score for each class.
public protocol SegmentationNetwork {
  /// Everything learned or collected; those of all members where it is one of an ensemble.
  var parameters: ParameterList { get }
  /// Its parts from the input on.
  var parts: [NetworkPart] { get }
  /// The path of the first convolution's weight, `[K, C, k, k]`, whose channels are the bands.
  var firstConvolution: String { get }
  /// The path of the decoder's weight that reads the bands as well, `[K, D + C, k, k]`; nil where none does.
  var imageConvolution: String? { get }
  /// The maps of `[N, C, H, W]` that the encoder hands to the decoder, `[N, C', H', W']` each, the largest first.
  func encoderFeatures(of input: Value, in pass: Pass) -> [Value]
  /// Scores of `[N, C, H, W]`, at the same H and W; a pass with ``TrainingNoise`` drops channels of what the head reads, and
  /// residual blocks of an encoder that has any.
  func callAsFunction(_ input: Value, in pass: Pass) -> Segmentation
}

extension SegmentationNetwork {
  /// See the requirement.
  public var imageConvolution: String? { nil }

  /// The network with its present weights, made ready for images of `shape` `[1, C, H, W]`; later changes of the weights do
  /// not reach it.
  public func prepared(for shape: Shape, on kernels: any Kernels) -> any PreparedInference {
    let recorder = GraphRecorder(inputShape: shape)
    let output = self(Value(recorder.input), in: Pass(.inference, kernels: recorder))
    return kernels.prepared(recorder.graph(to: output.scores.tensor))
  }
}
