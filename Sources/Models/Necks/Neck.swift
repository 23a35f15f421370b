import Layers
import Tensors

/// Makes maps that a decoder climbs of the maps of an encoder that has them at one resolution only.
protocol Neck {
  /// Returns the maps, the largest first, of the encoder's, each `[N, C, H, W]`.
  func callAsFunction(_ maps: [Value], in pass: Pass) -> [Value]
}

/// A neck as its publisher has it.
struct NeckDesign: Sendable {
  /// The prefix of the neck's paths.
  let path: String
  /// The maps that it gives, by those of the encoder.
  let maps: @Sendable ([FeatureMap]) -> [FeatureMap]
  /// Makes its parameters at the root of a network.
  let make: @Sendable ([FeatureMap], ParameterScope) -> any Neck
}
