import Models

/// The parts of a network that are trained, and their order.
public enum TrainingStrategy: String, CaseIterable, Hashable, Sendable {
  /// Everything at once.
  case full
  /// Decoder and head; the encoder gives its features as they are, normalisations included.
  case fixedFeatures = "fixed-features"
  /// The head alone.
  case linearProbe = "linear-probe"
  /// The head first, then everything (Kumar et al. 2022, arXiv:2202.10054).
  case linearProbeThenFull = "linear-probe-then-full"
  /// The head first, then one stage more every few passes, from the head back to the input (Howard & Ruder
  /// 2018, arXiv:1801.06146).
  case gradualUnfreezing = "gradual-unfreezing"
  /// Decoder and head, and a low-rank update of each weight of the encoder (Hu et al. 2021,
  /// arXiv:2106.09685).
  case lora
  /// Decoder and head, and a linear bottleneck beside each convolution of the encoder (Rebuffi et al. 2018,
  /// arXiv:1803.10082).
  case adapters

  /// Whether nothing of the encoder is ever trained.
  var leavesEncoder: Bool { self == .fixedFeatures || self == .linearProbe }

  /// Whether the weights of the encoder stay and updates of them are trained.
  public var isLowRank: Bool { self == .lora || self == .adapters }
}

/// A part of a training with an optimiser and a schedule of its own.
package struct TrainingPhase {
  /// The name in logs: `head`, `full`, `lora`, ...
  package let name: String
  /// Passes over the chips.
  package let epochs: Int
  /// The number of parts of the network that train at a pass, counted from the head back.
  package let openParts: @Sendable (_ epoch: Int) -> Int

  /// Returns the phases of a recipe over a network whose parts do this; their passes do not depend on the
  /// network.
  package static func phases(_ recipe: TrainingRecipe, over roles: [NetworkPart.Role]) -> [TrainingPhase] {
    func phase(_ name: String, _ epochs: Int, _ open: Int) -> TrainingPhase {
      TrainingPhase(name: name, epochs: epochs) { _ in open }
    }
    let (heads, behindEncoder) = (roles.count { $0 == .head }, roles.count { $0 != .encoder })
    let (head, all) = (
      phase("head", recipe.headEpochs, heads), phase("full", recipe.epochs, roles.count)
    )
    let phases =
      switch recipe.strategy {
      case .full: [all]
      case .fixedFeatures: [phase("decoder", recipe.epochs, behindEncoder)]
      case .linearProbe: [phase("head", recipe.epochs, heads)]
      case .linearProbeThenFull: [head, all]
      case .gradualUnfreezing: [unfreezing(recipe, parts: roles.count, heads: heads)]
      case .lora, .adapters: [phase(recipe.strategy.rawValue, recipe.epochs, behindEncoder)]
      }
    return phases.filter { $0.epochs > 0 }
  }

  /// Returns the head from the first pass on, another part every `unfreezeEvery` passes; without that number
  /// all are open after half of the passes.
  private static func unfreezing(_ recipe: TrainingRecipe, parts: Int, heads: Int) -> TrainingPhase {
    let every = recipe.unfreezeEvery ?? max(1, recipe.epochs / (2 * max(1, parts)))
    return TrainingPhase(name: "unfreezing", epochs: recipe.epochs) { min(parts, heads + $0 / every) }
  }
}
