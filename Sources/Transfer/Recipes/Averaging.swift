import Layers

/// The rule that makes the model from the weights of a training's steps.
public enum Averaging: Hashable, Sendable {
  /// The best by validation, or the last.
  case none
  /// An exponential moving average over the steps, with this decay.
  case exponential(decay: Double)
  /// The plain average over the passes from this share of the training on (SWA, Izmailov et al. 2018,
  /// arXiv:1803.05407).
  case uniform(from: Double)
  /// The weights at the ends of so many cycles, whose probabilities are averaged (Huang et al. 2017,
  /// arXiv:1704.00109).
  case snapshots(Int)

  /// Makes the average of the weights; nil where nothing is averaged.
  func makeAverage() -> WeightAverage? {
    switch self {
    case .exponential(let decay): WeightAverage(.exponential(decay: decay))
    case .uniform: WeightAverage(.uniform)
    case .none, .snapshots: nil
    }
  }

  /// The number of networks that a training makes of one; their probabilities are averaged.
  public var networks: Int { if case .snapshots(let count) = self { count } else { 1 } }

  package var isExponential: Bool { if case .exponential = self { true } else { false } }
  package var isSnapshots: Bool { if case .snapshots = self { true } else { false } }

  /// Whether the weights with the best validation score are the model.
  public var keepsBest: Bool { self == .none || isExponential }
}
