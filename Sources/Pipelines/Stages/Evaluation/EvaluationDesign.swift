import Chips
import Settings
import Transfer

/// The design of a comparison of models: the labels that are held out, the number of repetitions, and the
/// models to compare with.
struct EvaluationDesign {
  /// The name of the stage that evaluates.
  static let stage = "evaluate"

  /// The way in which labels are held out.
  enum SplitName: String, CaseIterable {
    /// The labels of data.test.
    case heldOut = "held-out"
    /// Square blocks of the labels that the chain learns from, in turn.
    case spatialBlocks = "spatial-blocks"
    /// Patches of those labels (connected labels), dealt at random.
    case kFold = "k-fold"
    /// Patches, dealt so that each fold has as much as possible of every class.
    case stratified
    /// The labels of each patch in turn.
    case leaveOneOut = "leave-one-out"
    /// Each labelled scene's ground in turn.
    case leaveOneRegionOut = "leave-one-region-out"
    /// Each date in turn, trained on the earlier ones.
    case forwardInTime = "forward-in-time"
  }

  /// The reaction of a run to a recipe that loses to doing without transfer.
  enum OnNegativeTransfer: String, CaseIterable {
    /// A warning that says so.
    case warn
    /// A warning, and the model that won goes on.
    case fallBack = "fall-back"
    /// Hands on no model and says so: what follows fails.
    case fail
  }

  /// Another recipe in the place of the last fine-tune's.
  struct Candidate {
    let name: String
    let recipe: TrainingRecipe
  }

  let split: SplitName
  let folds: Int
  private let block: Int?
  private let ownBuffer: Int?
  let seeds: Int
  /// Shares of the labels that the chain is trained on, besides all of them.
  let fractions: [Double]
  let followsPasses: Bool
  let fromScratch: Bool
  let scratch: ScratchBudget
  let candidates: [Candidate]
  let isNested: Bool
  let onNegativeTransfer: OnNegativeTransfer

  /// Reads the settings.
  ///
  /// - Parameters:
  ///   - fineTuning: the defaults of candidates.
  ///   - scratchRate: the learning rate of a network from scratch where the file gives none; nil for the
  ///     recipe's.
  init(_ settings: SettingsReader, fineTuning: TrainingRecipe = TrainingRecipe(), scratchRate: Double? = nil)
  {
    split = settings.choice("split", of: SplitName.self, default: .heldOut, "which labels are held out")
    folds = settings.int(
      "folds", default: 4, in: 2...100,
      "parts that blocks or patches are dealt to (spatial-blocks, k-fold, stratified)")
    block = settings.optionalInt("block", in: 8...65_536, "side of a block in pixels; a chip without it")
    ownBuffer = settings.optionalInt(
      "buffer", in: 0...65_536,
      "pixels around held-out labels whose labels are not trained on; half a chip without it")
    settings.moved(
      "same-place-is-seen", counting: true, "earlier labels of the held-out ground are never trained on")
    settings.moved(
      "test-time-augmentation", "give it to 'inference': evaluate scores maps made as 'inference' makes them")
    seeds = settings.int(
      "seeds", default: 1, in: 1...100, "how often everything is trained, each time by another seed")
    fractions = settings.doubles(
      "fractions", default: [], in: 0.01...0.99,
      "shares of the labels to train on as well, for a learning curve")
    followsPasses = settings.bool(
      "follow-passes", default: false, "score the last fine-tune and the network from scratch after each pass"
    )
    fromScratch = settings.bool(
      "from-scratch", default: true, "train the same network from scratch beside the recipe")
    scratch = ScratchBudget(
      epochs: settings.optionalInt(
        "scratch-epochs", in: 1...100_000, "its passes over the chips; those of the recipe without it"),
      learningRate: settings.optionalDouble(
        "scratch-learning-rate", in: 1e-9...10,
        "its learning rate, which may need to be higher; the recipe's without it, or 1e-3 beside a published network that "
          + "knows the classes") ?? scratchRate)
    if let scratchRate { settings.count("scratch-rate", as: .number(scratchRate)) }
    candidates = settings.mappings(
      "candidates", "other recipes in the place of the last fine-tune's: a name, and what fine-tune takes"
    ) { settings in
      let name = settings.string("name", matching: "\\S(.*\\S)?", like: "lora", "what tables call it")
      var recipe = TrainingRecipe(settings, defaults: fineTuning)
      recipe.patience = settings.patience()
      return Candidate(name: name, recipe: recipe)
    }
    isNested = settings.bool(
      "nested", default: false,
      "choose among the candidates by splitting each fold's training labels again, and score the choice")
    onNegativeTransfer = settings.choice(
      "on-negative-transfer", of: OnNegativeTransfer.self, default: .warn,
      "what to do where the recipe loses to the source's model or to the network from scratch: say so, map with the winner, "
        + "or fail")
    check(settings)
  }

  private func check(_ settings: SettingsReader) {
    if isNested && candidates.count < 2 {
      settings.problem("nested", with: "candidates", "'nested' chooses among 'candidates'; name two at least")
    }
    if isNested && split == .heldOut {
      settings.problem("nested", with: "split", "'nested' splits folds again; 'split: held-out' has none")
    }
    if isNested && split == .forwardInTime {
      settings.problem(
        "nested", with: "split", "'nested' cannot split the one date that the first fold is trained on")
    }
    if Set(fractions).count < fractions.count { settings.problem("fractions", "a share is listed twice") }
    for key in ["folds", "block", "buffer"] where split == .heldOut && settings.has(key) {
      settings.problem(
        key, with: "split",
        "'\(key)' counts where the labels are split; 'split: held-out' holds out data.test")
    }
    for (name, same) in Dictionary(grouping: candidates, by: \.name) where same.count > 1 {
      settings.problem("candidates", "\(same.count) candidates are called '\(name)'")
    }
  }

  /// The number of trials, or where the labels decide it a number of parts that they are dealt to.
  var largestTrialCount: Int {
    let perSplit =
      switch split {
      case .heldOut: 1
      case .spatialBlocks, .kFold, .stratified: folds
      case .leaveOneOut, .leaveOneRegionOut, .forwardInTime: 8
      }
    return seeds * (fractions.count + 1) * perSplit
  }

  /// Returns the pixels between training labels and held-out ones.
  func buffer(chip: Int) -> Int { ownBuffer ?? chip / 2 }

  /// Returns the rule by which labels are split; nil where data.test is held out.
  func rule(chip: Int) -> Split.Rule? {
    switch split {
    case .heldOut: nil
    case .spatialBlocks: .blocks(side: block ?? chip, folds: folds)
    case .kFold: .patches(folds: folds)
    case .stratified: .stratifiedPatches(folds: folds)
    case .leaveOneOut: .leaveOnePatchOut
    case .leaveOneRegionOut: .leaveOneRegionOut
    case .forwardInTime: .forwardInTime
    }
  }
}

/// The epochs and the learning rate of a network that starts from nothing; the recipe's own where nil.
struct ScratchBudget {
  var epochs: Int?
  var learningRate: Double?

  /// Returns the recipe for a network that starts from nothing.
  func recipe(_ recipe: TrainingRecipe) -> TrainingRecipe {
    var scratch = recipe.fromScratch
    scratch.epochs = epochs ?? scratch.epochs
    scratch.learningRate = learningRate ?? scratch.learningRate
    return scratch
  }
}
