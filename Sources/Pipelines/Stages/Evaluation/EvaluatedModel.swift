/// A model that an evaluation scores, named by the way in which it came to be.
enum EvaluatedModel: Hashable, Codable {
  /// The model that a stage of the chain left.
  case stage(Int)
  /// The network trained on the source alone, where the chain has no such model.
  case sourceOnly
  /// The network of the pipeline trained from scratch, without transfer.
  case scratch
  /// The chain with another recipe for the last fine-tune.
  case candidate(Int)
  /// The candidate that did best on an inner split.
  case chosen
}
