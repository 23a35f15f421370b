import Models

/// Which parts of a network are trained, and in which order.
public enum TrainingStrategy: String, CaseIterable, Hashable, Sendable {
  /// Everything at once.
  case full
  /// Decoder and head; the encoder gives its features as they are, normalisations included.
  case fixedFeatures = "fixed-features"
  /// The head alone.
  case linearProbe = "linear-probe"
  /// The head first, then everything (Kumar et al. 2022, arXiv:2202.10054).
  case linearProbeThenFull = "linear-probe-then-full"
  /// The head first, then one stage more every few passes, from the head back to the input (Howard & Ruder 2018,
  /// arXiv:1801.06146).
  case gradualUnfreezing = "gradual-unfreezing"
  /// The head, and a low-rank update of each weight before it (Hu et al. 2021, arXiv:2106.09685).
  case lora
  /// The head, and a linear bottleneck beside each convolution before it (Rebuffi et al. 2018, arXiv:1803.10082).
  case adapters

  /// Whether the weights before the head stay and updates of them are trained.
  public var isLowRank: Bool { self == .lora || self == .adapters }
}

/// A part of a training with an optimiser and a schedule of its own.
struct TrainingPhase {
  /// `head`, `full`, `lora`, ...: what logs call it.
  let name: String
  /// Passes over the chips.
  let epochs: Int
  /// How many stages train, counted from the head back, at a pass.
  let openStages: @Sendable (_ epoch: Int) -> Int

  /// The phases of a recipe over a network of `stages` parts; their passes do not depend on the network.
  static func phases(_ recipe: TrainingRecipe, stages: Int) -> [TrainingPhase] {
    func phase(_ name: String, _ epochs: Int, _ open: Int) -> TrainingPhase {
      TrainingPhase(name: name, epochs: epochs) { _ in open }
    }
    let (head, all) = (phase("head", recipe.headEpochs, 1), phase("full", recipe.epochs, stages))
    let phases =
      switch recipe.strategy {
      case .full: [all]
      case .fixedFeatures: [phase("decoder", recipe.epochs, 2)]
      case .linearProbe: [phase("head", recipe.epochs, 1)]
      case .linearProbeThenFull: [head, all]
      case .gradualUnfreezing: [unfreezing(recipe, stages: stages)]
      case .lora, .adapters: [phase(recipe.strategy.rawValue, recipe.epochs, 1)]
      }
    return phases.filter { $0.epochs > 0 }
  }

  /// The head from the first pass on, another stage every `unfreezeEvery` passes; without that number all are open after half
  /// of the passes.
  private static func unfreezing(_ recipe: TrainingRecipe, stages: Int) -> TrainingPhase {
    let every = recipe.unfreezeEvery ?? max(1, recipe.epochs / (2 * max(1, stages)))
    return TrainingPhase(name: "unfreezing", epochs: recipe.epochs) { min(stages, 1 + $0 / every) }
  }
}
