import Runs

/// The keys of the properties of maps that tags and items of products state.
extension FindingKey {
  /// SHA-256 of the weights that made a map.
  package static let modelSHA256 = FindingKey("model-sha256", "SHA-256 of the model's weights")
  /// The precision that a map was computed in (`fp32`).
  package static let precision = FindingKey("precision", "precision of the network's arithmetic")
  /// A row a meaning: `pixels` (`clear`, `outside`, or what masks hide) and their `share` of the scene, 0 to 1.
  package static let observed = FindingKey("observed", "what the map shows of its scene")
  /// The distance of the scene from what the model has learned from, in deviations of the farthest band.
  package static let drift = FindingKey("drift", "distance of the scene from the training data")
  /// The share of the scene that is valid, 0 to 1.
  package static let validShare = FindingKey("valid-share", "share of the scene that is valid")
  /// The share of the mapped pixels whose class the cleaning has changed, 0 to 1.
  package static let cleanedShare = FindingKey("cleaned-share", "share of the map that cleaning changed")
}
