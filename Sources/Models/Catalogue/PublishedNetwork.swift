import Layers
import Tensors

/// A published network with the weights of a file.
public struct PublishedNetwork {
  enum Body {
    case backbone(any Backbone)
    case segmentation(any SegmentationNetwork)
  }

  /// Everything learned or collected.
  public let parameters: ParameterList
  /// Whether it ends in scores; a backbone without a head ends in its last map.
  public let hasHead: Bool
  let body: Body

  init(parameters: ParameterList, hasHead: Bool, body: Body) {
    (self.parameters, self.hasHead, self.body) = (parameters, hasHead, body)
  }

  /// What can be asked for between input and scores, by name.
  public var activationNames: [String] {
    switch body {
    case .backbone(let backbone): backbone.maps.map(\.name)
    case .segmentation: []
    }
  }

  /// The module that is a segmentation network's encoder; nil of a backbone.
  var encoderName: String? {
    guard case .segmentation(let network) = body else { return nil }
    return network.firstConvolution.split(separator: ".").first.map(String.init)
  }

  /// What the paths of a backbone's head start with.
  var headPrefixes: [String] {
    guard case .backbone(let backbone) = body else { return [] }
    return backbone.parts.with(.head).flatMap(\.prefixes)
  }

  /// See ``Backbone/ownConstants``.
  var ownConstants: String? {
    switch body {
    case .backbone(let backbone): backbone.ownConstants
    case .segmentation: nil
    }
  }

  /// Scores `[N, K]` or `[N, K, H, W]` of `[N, C, H, W]`, or where there is no head what it would read; and the named maps.
  public func callAsFunction(_ input: Value, in pass: Pass) -> (output: Value, activations: [String: Value]) {
    switch body {
    case .segmentation(let network): return (network(input, in: pass).scores, [:])
    case .backbone(let backbone):
      let features = backbone.features(of: input, in: pass)
      let named = Dictionary(uniqueKeysWithValues: zip(backbone.maps.map(\.name), features))
      return (hasHead ? backbone.scores(of: features.last!, in: pass) : features.last!, named)
    }
  }

  /// The network with its present weights, made ready for images of `shape` `[1, C, H, W]`.
  public func prepared(for shape: Shape, on kernels: any Kernels)
    -> any PreparedInference
  {
    let recorder = GraphRecorder(inputShape: shape)
    let output = self(Value(recorder.input), in: Pass(.inference, kernels: recorder)).output
    return kernels.prepared(recorder.graph(to: output.tensor))
  }
}
