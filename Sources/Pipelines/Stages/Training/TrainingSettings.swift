import Chips
import Layers
import Settings
import Tasks
import Tensors
import Transfer

extension TrainingRecipe {
  /// Reads the settings that all training stages share; those that the file leaves out are those of
  /// `defaults`.
  init(_ settings: SettingsReader, defaults: TrainingRecipe) {
    self = defaults
    readStrategy(settings)
    readSteps(settings)
    readRates(settings)
    loss.read(settings)
    readRegularization(settings)
    readAveraging(settings)
    readChips(settings)
    precision = settings.choice(
      "precision", of: Precision.self, default: precision,
      "the arithmetic of training; bf16 where the CPU has it, on weights of fp32")
    memory = settings.optionalBytes(
      "memory",
      "what the results of a batch may take until the way back: blocks of a transformer are computed again where they "
        + "would take more; without it everything is kept")
    settings.reportIdle(in: self)
  }

  private mutating func readStrategy(_ settings: SettingsReader) {
    strategy = settings.choice(
      "strategy", of: TrainingStrategy.self, default: strategy, "which parts train, in which order")
    epochs = settings.int("epochs", default: epochs, in: 1...100_000, "passes over the training chips")
    headEpochs = settings.int(
      "head-epochs", default: headEpochs, in: 0...100_000,
      "passes with the head alone, before the others (linear-probe-then-full)")
    unfreezeEvery = settings.optionalInt(
      "unfreeze-every", in: 1...100_000,
      "passes after which another stage opens (gradual-unfreezing); all are open in half of them without it")
    rank = settings.int("rank", default: rank, in: 1...1024, "rank of the updates (lora, adapters)")
    alpha = settings.double(
      "alpha", default: alpha, in: 1e-3...1e4, "their scale is this over the rank (lora, adapters)")
    // 2: decoder and head train in full, and updates do not decay.
    if self.strategy.isLowRank { settings.count("low-rank", as: .int(2)) }
    frozen = settings.strings(
      "freeze", default: [], "stages that never train: stem, layer1 ... layer4, decoder")
    frozenUpTo = settings.optionalString(
      "freeze-up-to", "the last of the stages, from the input on, that never train")
    freezesNormalization =
      settings.choice(
        "batch-norm", of: Normalizing.self, default: freezesNormalization ? .frozen : .learn,
        "learn: those of trained stages normalise by the batch, those of frozen ones by what they have; "
          + "frozen: all keep statistics, scale and shift") == .frozen
  }

  private enum Normalizing: String, CaseIterable { case learn, frozen }

  private mutating func readSteps(_ settings: SettingsReader) {
    batch = settings.int("batch", default: batch, in: 1...1024, "chips that are computed at once")
    accumulation = settings.int(
      "accumulate", default: accumulation, in: 1...1024, "batches whose gradients make one step")
    settings.moved(
      "clip-norm", "gradients are taken as they are; lower the 'learning-rate' where they are large")
  }

  private mutating func readRates(_ settings: SettingsReader) {
    learningRate = settings.double(
      "learning-rate", default: learningRate, in: 1e-9...10, "the rate of the head at its height")
    let ownShare = if case .encoder(let share) = stageRates { share } else { 1.0 }
    let encoder = settings.double(
      "encoder-rate", default: strategy.isLowRank ? 1 : ownShare, in: 0...10,
      "the encoder's rate as a share of it; 1 without it for the updates of lora and adapters")
    let falling = settings.optionalDouble(
      "rate-factor", in: 0.01...1,
      "each stage's rate as a share of the next one's, from the head back; of transformers each block's")
    // 2: of transformers it is a factor a block.
    if falling != nil { settings.count("rate-factor-of", as: .int(2)) }
    let listed = settings.doubles(
      "stage-rates", default: [], in: 0...10, "each stage's rate as a share of it, from the input on")
    stageRates = .encoder(encoder)
    if let falling { stageRates = .falling(falling) }
    if !listed.isEmpty { stageRates = .listed(listed) }
    let ways = ["encoder-rate", "rate-factor", "stage-rates"].filter(settings.has)
    for way in ways.dropFirst() {
      settings.problem(way, with: ways[0], "give '\(ways[0])' or '\(way)', not both")
    }
    optimizer = settings.choice("optimizer", of: OptimizerName.self, default: optimizer, "what steps")
    schedule = settings.choice(
      "schedule", of: ScheduleName.self, default: schedule, "how the rate goes over a phase")
    warmUp = settings.double(
      "warm-up", default: warmUp, in: 0...0.9, "the share of steps in which the rate climbs")
    cycles = settings.int(
      "cycles", default: cycles, in: 1...1000, "how often it goes round (cosine-restarts, triangular)")
    power = settings.double("power", default: power, in: 0.1...10, "of the polynomial schedule")
  }

  private mutating func readRegularization(_ settings: SettingsReader) {
    weightDecay = settings.double(
      "weight-decay", default: weightDecay, in: 0...1, "decay of weights; norms and biases do not decay")
    dropout = settings.double(
      "dropout", default: dropout, in: 0...0.9, "the share of feature channels that the head does without")
    stochasticDepth = settings.double(
      "stochastic-depth", default: stochasticDepth, in: 0...0.9,
      "the share of residual branches left out at the encoder's end")
    startPenalty = settings.double(
      "l2-sp", default: startPenalty, in: 0...100,
      "how much the squared distance from the weights at the start counts")
    settings.moved("l2-sp-head", counting: 0.01, "beside 'l2-sp' the squared size of the head counts 0.01")
  }

  /// The way in which weights of a training become the model.
  private enum AveragingName: String, CaseIterable {
    case none, ema, swa, snapshots

    init(_ averaging: Averaging) {
      switch averaging {
      case .none: self = .none
      case .exponential: self = .ema
      case .uniform: self = .swa
      case .snapshots: self = .snapshots
      }
    }
  }

  private mutating func readAveraging(_ settings: SettingsReader) {
    // Low-rank updates cannot be averaged, whatever the defaults are.
    let name = settings.choice(
      "averaging", of: AveragingName.self, default: strategy.isLowRank ? .none : AveragingName(averaging),
      "what becomes the model: the best weights, their moving average over the steps (ema), their average over the last "
        + "passes (swa), or several at the ends of cycles together (snapshots)")
    let ownDecay = if case .exponential(let decay) = averaging { decay } else { 0.99 }
    let decay = settings.double(
      "ema-decay", default: ownDecay, in: 0...0.99999, "how slowly the moving average follows (ema)")
    let from = settings.double(
      "swa-from", default: 0.75, in: 0...0.99, "the share of the passes after which averaging begins (swa)")
    let snapshots = settings.int("snapshots", default: 5, in: 2...32, "how many (snapshots)")
    switch name {
    case .none: averaging = .none
    case .ema: averaging = .exponential(decay: decay)
    case .swa: averaging = .uniform(from: from)
    case .snapshots: averaging = .snapshots(snapshots)
    }
    if strategy.isLowRank || name == .snapshots { trainedShare = 1 }
    trainedShare = settings.double(
      "trained-share", default: trainedShare, in: 0...1,
      "the share of the trained weights in the model, the rest being those at the start (WiSE-FT)")
    if strategy.isLowRank && name != .none {
      settings.problem(
        "averaging", with: "strategy",
        "'averaging: \(name.rawValue)' averages weights; \(strategy.rawValue) leaves them")
    }
    if strategy.isLowRank && trainedShare < 1 {
      settings.problem(
        "trained-share", with: "strategy",
        "'trained-share' does not go with \(strategy.rawValue), whose adapter would not be that of the model")
    }
    if name == .snapshots && trainedShare < 1 {
      settings.problem("trained-share", with: "averaging", "'trained-share' does not go with snapshots")
    }
    if name == .snapshots && settings.has("schedule") && schedule != .cosineRestarts {
      settings.problem("schedule", with: "averaging", "snapshots are taken where cosine-restarts reach 0")
    }
  }

  /// The way in which chips are drawn.
  private enum Sampling: String, CaseIterable {
    case uniform
    case rareClasses = "rare-classes"
  }

  private mutating func readChips(_ settings: SettingsReader) {
    let sampling = settings.choice(
      "sampling", of: Sampling.self, default: .uniform,
      "each chip once a pass, or chips with rare classes more often")
    settings.moved("sampling-temperature", counting: 0.2, "rare-classes draws by a temperature of 0.2")
    // For few labels: the paper's 0.01 would draw the rarest of a handful of classes alone.
    rareClassTemperature = sampling == .rareClasses ? 0.2 : nil
    let defaults = augmentation
    augmentation = settings.mapping("augmentation", "how chips are varied") { settings in
      Augmentation(settings, defaults: defaults)
    }
  }
}

extension LossRecipe {
  fileprivate mutating func read(_ settings: SettingsReader) {
    names = settings.choices(
      "loss", of: LossName.self, default: names, "what is minimised: the sum of these")
    isDefault = !settings.has("loss")
    if names.isEmpty { settings.problem("loss", "'loss' is empty; name at least one") }
    weights = settings.doubles(
      "loss-weights", default: weights, in: 0...1000, "how much each of them counts; 1 each without it")
    if !weights.isEmpty && weights.count != names.count {
      settings.problem(
        "loss-weights", with: "loss", "\(weights.count) weights for \(names.count) losses")
    }
    if !weights.isEmpty && weights.allSatisfy({ $0 == 0 }) {
      settings.problem("loss-weights", "no loss counts: one weight at least must be above 0")
    }
    classWeighting = settings.choice(
      "class-weights", of: ClassWeighting.self, default: classWeighting,
      "how much a class counts in cross-entropy, focal and ohem")
    labelSmoothing = settings.double(
      "label-smoothing", default: labelSmoothing, in: 0...0.9,
      "the share of each label that cross-entropy deals out to all classes")
    focalGamma = settings.double(
      "focal-gamma", default: focalGamma, in: 0...10, "how fast focal forgets what is right already")
    settings.moved(
      "tversky-false-positives", counting: 0.3, "in tversky a false positive counts 0.3, a miss 0.7")
    settings.moved("hard-share", counting: 0.25, "ohem learns from the hardest quarter of the pixels")
  }
}
