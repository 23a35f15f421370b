import Checkpoints
import Chips
import Foundation
import Models
import Products
import Runs
import Settings
import Tasks
import Tensors
import Transfer

/// Trains a model on labelled chips.
struct FineTuneStage: SupervisedStage {
  static let name = "fine-tune"
  static let doc =
    "train the model on labelled scenes, the head first, then everything at a smaller rate; a published network "
    + "that knows the classes by a recipe of its own (docs/transfer.md)"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.model
  // 2: leaves `artifact.json`, by which later stages know what its files hold.
  // 3: the model's card has format 2.
  static let revision = 4

  private var domain: LabelledDomain
  private(set) var recipe: TrainingRecipe
  private let validation: Double
  private let blockSize: Int?
  private let keepingEvery: Double
  /// The number of networks that are trained, each with random numbers of its own, and map together.
  private let members: Int

  init(_ settings: SettingsReader) { self.init(settings, defaults: TrainingRecipe()) }

  init(_ settings: SettingsReader, behind chain: ChainBefore) {
    self.init(settings, defaults: chain.fineTuning)
  }

  private init(_ settings: SettingsReader, defaults: TrainingRecipe) {
    domain = settings.choice("data", of: LabelledDomain.self, default: .target, "whose labels to learn from")
    var recipe = TrainingRecipe(settings, defaults: defaults)
    validation = settings.double(
      "validation", default: 0.2, in: 0...0.5,
      "the share of label blocks held out to choose the best weights by")
    blockSize = settings.optionalInt(
      "validation-block", in: 8...65_536, "their side in pixels; a chip without it")
    recipe.patience = settings.patience()
    if recipe.patience != nil && validation == 0 {
      settings.problem("patience", "'patience' needs a 'validation' share")
    }
    if recipe.patience != nil && !recipe.averaging.keepsBest {
      settings.problem(
        "patience", with: "averaging", "'patience' does not go with averages over fixed passes")
    }
    keepingEvery = settings.keepingEvery()
    members = settings.int(
      "ensemble", default: 1, in: 1...16,
      "networks that are trained from the same start, each with random numbers of its own, and map together")
    if members > 1 && recipe.strategy.isLowRank {
      settings.problem("ensemble", with: "strategy", "'ensemble' leaves no single low-rank update")
    }
    self.recipe = recipe
  }

  func trained(by recipe: TrainingRecipe) -> any LearningStage {
    var stage = self
    stage.recipe = recipe
    return stage
  }

  var onSource: any LearningStage {
    var stage = self
    stage.domain = .source
    return stage
  }

  var precision: Precision { recipe.precision }
  var networksOfEach: Int { members * recipe.averaging.networks }

  var resultName: String {
    switch domain {
    case .target: "fine-tuned"
    case .source: "source only"
    case .both: "source and target"
    }
  }

  func scenes(of file: PipelineFile) -> [SceneEntry] { domain.scenes(of: file) }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var wrong = Self.problems(of: recipe, in: file, after: earlier)
    if members > 1 && !file.taskType.limits.hasOneClass {
      wrong.append(TrainingRecipe.noEnsemble(of: file.taskType))
    }
    guard scenes(of: file).isEmpty else { return wrong }
    return wrong + ["learns from the labels of \(domain.keys); there are none"]
  }

  /// Says what of a recipe does not fit the file's task, or the network that the chain begins with.
  static func problems(
    of recipe: TrainingRecipe, in file: PipelineFile, after earlier: [StageDeclaration]
  ) -> [String] {
    recipe.problems(for: file.taskType) + untrainable(earlier)
      + (earlier.map(\.stage).networks.first.map { recipe.problems(over: $0.networkParts) } ?? [])
  }

  /// Says that the model before is no network that can be trained, where it is none.
  static func untrainable(_ earlier: [StageDeclaration]) -> [String] {
    guard let last = earlier.last(where: { $0.stage.model != nil }),
      let learning = last.stage.model?.learning,
      !learning.isTrainedByGradients
    else { return [] }
    return [
      "trains a network; '\(last.label)' leaves a classifier of features: put it before that, or leave it out"
    ]
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    var job = planning.job(
      "train on \(domain.rawValue)", subject: planning.stage.label, in: .models, uses: .training,
      inputs: planning.inputs("labelled", scenes(of: file)), after: planning.latestJobs(producing: .model)
    ) { context in
      try context.leave(carryOut(context, file: file, step: LineageStep(Self.name, domain.rawValue)))
    }
    job.preparation = preparation(file)
    return [job]
  }

  var trainings: Int { members }

  func train(_ index: Int, of model: Model, _ material: any LearningMaterial) throws {
    let (_, _, chips) = try chips(for: model, material)
    let own = index == 0 ? material : material.member(index)
    _ = try own.train(model, recipe, chips, keepingEvery: keepingEvery)
  }

  /// Returns the labels, those that are held out for validation, and the chips of both.
  private func chips(
    for model: Model, _ material: any LearningMaterial
  ) throws -> (regions: [LabelledRegion], held: [LabelledRegion]?, chips: TrainingLoop.Material) {
    let file = material.file
    let regions = try material.regions(of: scenes(of: file), for: model)
    let (training, held) = split(regions, file: file, seed: material.seed)
    let normalization = Normalization(model.card)
    let chips = TrainingLoop.Material(
      training: ChipSet(
        training, normalization: normalization, size: file.chips.size, stride: file.chips.stride),
      validation: held.map {
        ChipSet($0, normalization: normalization, size: file.chips.size, stride: file.chips.size)
      },
      labelCounts: material.counts(training))
    return (regions, held, chips)
  }

  /// Trains by the recipe, some blocks of the labels held out for validation.
  func learn(_ model: Model, _ material: any LearningMaterial) throws -> LearningOutcome {
    let file = material.file
    let (regions, held, chips) = try chips(for: model, material)
    try checkMembers(of: model)
    // The first one takes the model itself, and the seed of a training that is alone.
    let others = (1..<members).map { ($0, model.copy()) }
    let trained = try material.train(model, recipe, chips, keepingEvery: keepingEvery)
    let together = try others.map { index, copy in
      try material.member(index).train(copy, recipe, chips, keepingEvery: keepingEvery)
    }
    var warnings = trained.warnings
    for (index, member) in together.enumerated() {
      warnings += member.warnings.map { "member \(index + 2): \($0)" }
    }
    if validation > 0 && held == nil {
      warnings.append(
        "the labels are too few to hold any out for validation; the weights of the last pass were kept")
    }
    let labelled = material.counts(regions)
    return LearningOutcome(
      model: together.isEmpty
        ? trained.model : try Model(ensembleOf: [trained.model] + together.map(\.model)),
      course: trained.history,
      findings: [
        Finding(.labelledPixels, labelled.reduce(0, +)),
        best(trained.history, by: file.task.headline),
      ].compactMap(\.self), adapter: trained.adapter, warnings: warnings,
      blowUp: ([trained] + together).lazy.compactMap(\.blowUp).first,
      labelledPixels: labelled)
  }

  /// Returns the best score on the labels that were held out; nil without any.
  private func best(_ history: [TrainingLoop.Epoch], by headline: Headline) -> Finding? {
    let scores = history.compactMap(\.validation)
    return Finding(headline.key, headline.isHigherBetter ? scores.max() : scores.min())
  }

  /// Refuses an ensemble that would become too large before it is trained.
  private func checkMembers(of model: Model) throws {
    let count = networksOfEach * (model.card.members ?? 1)
    guard count <= Ensemble.largestCount else { throw TrainingFailure.tooManyMembers(count) }
  }

  /// Returns training and validation labels; no validation where there are too few blocks to spare one.
  private func split(
    _ regions: [LabelledRegion], file: PipelineFile, seed: UInt64
  ) -> (training: [LabelledRegion], validation: [LabelledRegion]?) {
    guard validation > 0 else { return (regions, nil) }
    let folds = max(2, Int((1 / validation).rounded()))
    let blocks = SpatialBlocks(
      regions, size: blockSize ?? file.chips.size, folds: folds, classes: file.classes.count, seed: seed)
    guard blocks.count >= folds else { return (regions, nil) }
    return (blocks.keep({ $0 != 0 }, of: regions), blocks.keep({ $0 == 0 }, of: regions))
  }
}

extension SettingsReader {
  /// Reads the setting of when a training ends early.
  func patience() -> Int? {
    optionalInt(
      "patience", in: 1...100_000, "passes without a better validation score after which training ends")
  }

  /// Reads the setting of how often an unfinished training is kept; it changes no weight.
  func keepingEvery() -> Double {
    uncountedDuration(
      "checkpoint", default: 60,
      "how often an unfinished training is kept, to go on from after an interruption")
  }
}
