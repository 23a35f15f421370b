/// A map of features between two parts of a network.
public struct FeatureMap: Hashable, Sendable {
  /// The path of the PyTorch module whose result it is: `layer1`, `features.3`.
  public let name: String
  /// The number of channels.
  public let channels: Int
  /// Pixels of the image from one pixel of it to the next.
  public let stride: Int

  /// Creates a map of features.
  public init(name: String, channels: Int, stride: Int) {
    (self.name, self.channels, self.stride) = (name, channels, stride)
  }
}
