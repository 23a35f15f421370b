import Settings
import Tasks
import Transfer

extension SettingsReader {
  /// Reports settings of a recipe that would change nothing beside the others: their writer believes that
  /// they do.
  func reportIdle(in recipe: TrainingRecipe) {
    for rule in IdleSetting.rules where has(rule.key) && !rule.counts(recipe) {
      problem(rule.key, with: rule.other, "'\(rule.key)' counts for '\(rule.other): \(rule.value)' only")
    }
  }
}

/// A setting that counts beside certain values of another one only.
private struct IdleSetting {
  let key, other, value: String
  let counts: @Sendable (TrainingRecipe) -> Bool

  static let rules: [IdleSetting] = [
    .init(key: "head-epochs", other: "strategy", value: "linear-probe-then-full") {
      $0.strategy == .linearProbeThenFull
    },
    .init(key: "unfreeze-every", other: "strategy", value: "gradual-unfreezing") {
      $0.strategy == .gradualUnfreezing
    },
    .init(key: "rank", other: "strategy", value: "lora' or 'adapters") { $0.strategy.isLowRank },
    .init(key: "alpha", other: "strategy", value: "lora' or 'adapters") { $0.strategy.isLowRank },
    .init(key: "cycles", other: "schedule", value: "cosine-restarts' or 'triangular") {
      ($0.schedule == .cosineRestarts && !$0.averaging.isSnapshots) || $0.schedule == .triangular
    },
    .init(key: "power", other: "schedule", value: "polynomial") { $0.schedule == .polynomial },
    .init(key: "ema-decay", other: "averaging", value: "ema") { $0.averaging.isExponential },
    .init(key: "swa-from", other: "averaging", value: "swa") {
      if case .uniform = $0.averaging { true } else { false }
    },
    .init(key: "snapshots", other: "averaging", value: "snapshots") { $0.averaging.isSnapshots },
    .init(key: "class-weights", other: "loss", value: "cross-entropy', 'focal' or 'ohem") {
      !$0.loss.names.allSatisfy { [.dice, .tversky, .lovasz].contains($0) }
    },
    .init(key: "label-smoothing", other: "loss", value: "cross-entropy") {
      $0.loss.names.contains(.crossEntropy)
    },
    .init(key: "focal-gamma", other: "loss", value: "focal") { $0.loss.names.contains(.focal) },
  ]
}
