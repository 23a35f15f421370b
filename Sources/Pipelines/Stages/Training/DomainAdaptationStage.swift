import CPUKernels
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

/// Makes a model that learned elsewhere fit scenes of another place, season or sensor, without their labels.
struct DomainAdaptationStage: LearningStage {
  static let name = "domain-adaptation"
  static let doc = "adapt the model to the unlabelled scenes of the target"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.model
  // 2: leaves `artifact.json`, by which later stages know what its files hold.
  // 3: the model's card has format 2.
  static let revision = 4

  private let method: Method
  private let domain: LabelledDomain
  private let blend: Double
  private let training: DomainMethodSettings
  private let recipe: TrainingRecipe
  private let keepingEvery: Double
  private let radiometry: RadiometricAdaptation?
  private let fourier: FourierAdaptation
  /// Several adaptations in the place of this one.
  private var choice: AdaptationChoice?

  init(_ settings: SettingsReader) {
    self.init(candidate: settings)
    choice = AdaptationChoice(settings)
  }

  /// Reads the settings of an adaptation alone, which may be one of several.
  init(candidate settings: SettingsReader) {
    method = settings.choice("method", of: Method.self, default: .adaBN, "how to adapt")
    domain = settings.choice(
      "data", of: LabelledDomain.self, default: .source,
      "whose labels to learn from, beside the target without any")
    blend = settings.double("blend", default: 1, in: 0...1, "the target's share of the statistics")
    training = DomainMethodSettings(settings, method)
    var defaults = TrainingRecipe()
    (defaults.epochs, defaults.strategy) = (10, .full)
    recipe = TrainingRecipe(settings, defaults: defaults)
    keepingEvery = settings.keepingEvery()
    training.checkRecipe(settings, method, recipe)
    radiometry = RadiometricAdaptation(settings, method)
    fourier = FourierAdaptation(settings)
    for key in settings.settings.map(\.key) where settings.has(key) && !method.counts(key) {
      settings.problem(key, with: "method", "'\(key)' does not count for 'method: \(method.rawValue)'")
    }
  }

  var precision: Precision { choice?.precision ?? recipe.precision }
  var networksOfEach: Int { choice?.networksOfEach ?? recipe.averaging.networks }

  private var way: String { choice == nil ? method.rawValue : "chosen" }

  /// Labels of the target beside unlabelled chips of it are no adaptation any more.
  var resultName: String {
    method.isTrained && domain != .source ? "semi-supervised (\(way))" : "adapted (\(way))"
  }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    if let choice { return choice.problems(in: file, after: earlier) }
    if let radiometry { return radiometry.problems(in: file) }
    var problems =
      method.isTrained
      ? FineTuneStage.problems(of: recipe, in: file, after: earlier) : FineTuneStage.untrainable(earlier)
    if let need = method.need(of: file.taskType.limits) {
      problems.append("\(method.rawValue) \(need); \(file.taskName) has none")
    }
    if SceneOpening(file).targetScenes.isEmpty {
      problems.append("adapts to data.unlabelled or data.target; neither is there")
    }
    if method.isTrained && scenes(of: file).isEmpty {
      problems.append("\(method.rawValue) trains on the labels of \(domain.keys); there are none")
    }
    if method == .outputAdversary && file.chips.size < OutputAdversary.smallestChip {
      problems.append(
        "output-adversary halves a chip five times: 'chips.size' must be \(OutputAdversary.smallestChip) or more"
      )
    }
    return problems
  }

  func scenes(of file: PipelineFile) -> [SceneEntry] {
    if let choice { return choice.scenes(of: file) }
    return method.isTrained ? domain.scenes(of: file) : []
  }

  /// Returns the scenes that others are adjusted to.
  func references(of file: PipelineFile) -> [SceneEntry] {
    choice?.references(of: file) ?? radiometry?.scenes(of: file) ?? []
  }

  func seenScenes(of file: PipelineFile) -> [SceneEntry] {
    scenes(of: file) + references(of: file) + SceneOpening(file).targetScenes
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    var inputs = planning.inputs("target", SceneOpening(file).targetScenes)
    inputs.merge(planning.inputs("reference", references(of: file))) { own, _ in own }
    inputs.merge(planning.inputs("source", scenes(of: file))) { own, _ in own }
    inputs.merge(planning.inputs("compared", DomainChips.scenes(of: file))) { own, _ in own }
    var job = planning.job(
      choice == nil ? "adapt by \(way)" : "choose an adaptation", subject: planning.stage.label,
      in: .models, uses: .training,
      inputs: inputs,
      after: planning.latestJobs(producing: .model)
    ) { context in
      try context.leave(
        DomainShiftReport.comparing(context, file: file) {
          try carryOut(context, file: file, step: LineageStep(Self.name, way))
        })
    }
    job.preparation = preparation(file)
    return [job]
  }

  var trainings: Int { choice?.count ?? 1 }

  func train(_ index: Int, of model: Model, _ material: any LearningMaterial) throws {
    if let choice { try choice.train(index, of: model, material) } else { _ = try learn(model, material) }
  }

  func learn(_ model: Model, _ material: any LearningMaterial) throws -> LearningOutcome {
    if let choice { return try choice.learn(model, material) }
    if let radiometry { return try radiometry.adapt(model, file: material.file, note: material.note) }
    let (file, opening) = (material.file, SceneOpening(material.file, adjustingFor: model.card))
    let normalization = Normalization(model.card)
    let target = ChipSet(
      try opening.unlabelledRegions(opening.targetScenes), normalization: normalization,
      size: file.chips.size, stride: file.chips.stride, unlabelled: true)
    guard !target.chips.isEmpty else { throw DomainAdaptationFailure.noTargetChip }
    var outcome = LearningOutcome(model: model, course: [])
    if method.isTrained {
      let regions = try material.regions(of: scenes(of: file), for: model)
      var source = ChipSet(
        regions, normalization: normalization, size: file.chips.size, stride: file.chips.stride)
      if method == .fourier { source.style = fourier.style(of: target) }
      let counts = material.counts(regions)
      let adaptation = training.adaptation(
        method, recipe, model, counts: counts, seed: material.seed, to: target)
      let trained = try material.train(
        model, recipe, .init(training: source, labelCounts: counts, adaptation: adaptation),
        keepingEvery: keepingEvery)
      (outcome.model, outcome.course, outcome.adapter) = (trained.model, trained.history, trained.adapter)
      (outcome.warnings, outcome.blowUp) = (trained.warnings, trained.blowUp)
      outcome.labelledPixels = counts
    }
    var seen = target.chips.count
    if method != .fourier && !training.isPerDomain {
      var warnings: [String] = []
      seen = StatisticsAdaptation(blend: blend, batch: recipe.batch)
        .adapt(
          outcome.model, to: target, kernels: KernelSet.standard, progress: material.note,
          warn: { warnings.append($0) })
      outcome.warnings += warnings
    }
    outcome.findings.append(Finding(.unlabelledChips, seen))
    outcome.model.card.trainingQuantiles = target.bandQuantiles
    return outcome
  }
}
