import Layers
import Tensors

/// An encoder with its publisher's classifier of whole images, or without one.
public struct ImageNetwork: Network {
  /// Everything learned or collected.
  public let parameters: ParameterList
  /// The network's description, which needs no parameters.
  public let description: NetworkDescription
  private let encoder: any Encoder
  private let hasHead: Bool

  init(_ design: EncoderDesign, _ options: NetworkOptions, in root: ParameterScope) {
    description = Self.description(design, options)
    encoder = design.make(EncoderOptions(options), root)
    (parameters, hasHead) = (root.parameters, options.classes != nil)
  }

  /// Describes such a network without making it.
  static func description(_ design: EncoderDesign, _ options: NetworkOptions) -> NetworkDescription {
    precondition(options.comparison == nil, "no classifier of images compares two dates")
    let encoder = design.describe(EncoderOptions(options))
    return NetworkDescription(
      parts: encoder.parts, layers: encoder.layers, maps: encoder.maps,
      firstConvolution: encoder.firstConvolution,
      featureChannels: options.classes == nil ? encoder.maps.last!.channels : encoder.pooledChannels,
      ownConstants: encoder.ownConstants, input: encoder.input)
  }

  /// Computes the maps of the encoder.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] {
    encoder.features(of: input, in: pass).maps
  }

  /// Returns the vector that scores are a linear map of, `[N, D]`; without a head the class token or the last
  /// map.
  public func encoded(_ input: Value, in pass: Pass) -> [Value] {
    let features = encoder.features(of: input, in: pass)
    return [hasHead ? encoder.pooled(features, in: pass) : features.last]
  }

  /// Scores `[N, K, 1, 1]`, and the vector that they are a linear map of, `[N, D, 1, 1]`; without a head both
  /// are the class token or the last map.
  public func callAsFunction(_ encoded: [Value], of input: Value, in pass: Pass) -> NetworkOutput {
    let vector = encoded[0]
    guard hasHead else { return NetworkOutput(scores: vector, features: vector) }
    let shape = vector.tensor.shape
    let pooled = pass.tape.reshaped(vector, to: [shape[0], shape[1], 1, 1])
    let kept = pass.noise == nil ? vector : pass.tape.reshaped(pass.dropout(pooled), to: shape)
    let scores = encoder.scores(of: kept, in: pass)
    let places: Shape = [shape[0], scores.tensor.shape[1], 1, 1]
    return NetworkOutput(scores: pass.tape.reshaped(scores, to: places), features: pooled)
  }
}

extension EncoderOptions {
  /// Creates the options of an encoder that is a network by itself.
  fileprivate init(_ options: NetworkOptions) {
    self.init(
      bands: options.bands, classes: options.classes, scheme: options.scheme,
      positionGrid: options.positionGrid)
  }
}
