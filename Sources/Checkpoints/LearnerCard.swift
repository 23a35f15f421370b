/// The classifier that stands in the place of a network's head, as a card describes it.
public struct LearnerCard: Codable, Hashable, Sendable {
  /// The name of the learner: `random-forest`.
  public var name: String
  /// The kind of classifier, from which its tensors follow: `trees`, `linear`.
  public var kind: String
  /// Sizes of the classifier, by name: `trees`, `nodes`.
  public var sizes: [String: Int]
  /// The features that it reads.
  public var features: FeatureRecipe

  /// Creates the card of a classifier.
  public init(name: String, kind: String, sizes: [String: Int], features: FeatureRecipe) {
    (self.name, self.kind, self.sizes, self.features) = (name, kind, sizes, features)
  }
}

/// The features of a pixel that a classifier reads, in this order.
public struct FeatureRecipe: Codable, Hashable, Sendable {
  /// Whether the normalised bands themselves are features.
  public var bands: Bool
  /// The pairs of bands, by name, whose normalised differences are features: (first - second) / (first +
  /// second) of values in the sensor's unit.
  public var indices: [[String]]
  /// The sides in pixels of the windows in which each band's mean and deviation are features.
  public var context: [Int]
  /// The maps of the network's encoder whose values at the pixel are features, by name.
  public var layers: [String]

  /// Creates a recipe.
  public init(bands: Bool = true, indices: [[String]] = [], context: [Int] = [], layers: [String] = []) {
    (self.bands, self.indices, self.context, self.layers) = (bands, indices, context, layers)
  }
}
