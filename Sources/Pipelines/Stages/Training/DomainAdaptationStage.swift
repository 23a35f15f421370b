import Chips
import Foundation
import Models
import Tensors
import Transfer

/// Makes a model that learned elsewhere fit scenes of another place, season or sensor, without their labels.
struct DomainAdaptationStage: LearningStage {
  static let name = "domain-adaptation"
  static let doc = "adapt the model to the unlabelled scenes of the target"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.model

  /// How to adapt.
  enum Method: String, CaseIterable {
    /// Replace batch-norm statistics by the target's.
    case adaBN = "adabn"
    /// Train on the source's labels while pulling the features' covariances together, then AdaBN.
    case coral
  }

  private let method: Method
  private let blend: Double
  private let weight: Double
  private let recipe: TrainingRecipe
  private let keepingEvery: Double

  init(_ settings: SettingsReader) {
    method = settings.choice("method", of: Method.self, default: .adaBN, "how to adapt")
    blend = settings.double("blend", default: 1, in: 0...1, "the target's share of the statistics")
    weight = settings.double(
      "weight", default: 10, in: 0...1e6, "how much alignment counts beside the labels (coral)")
    recipe = TrainingRecipe(settings, epochs: 10, strategy: .full)
    keepingEvery = settings.keepingEvery()
    if method != .coral {
      let counting = ["method", "blend", "batch"]
      for key in settings.settings.map(\.key) where settings.has(key) && !counting.contains(key) {
        settings.problem(
          key, with: "method", "'\(key)' counts for 'method: coral' only; \(method.rawValue) trains nothing")
      }
    }
  }

  var precision: Precision { recipe.precision }

  var resultName: String { "adapted (\(method.rawValue))" }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = method == .coral ? FineTuneStage.problems(of: recipe, after: earlier) : []
    if SceneOpening(file).targetScenes.isEmpty {
      problems.append("adapts to data.unlabelled or data.target; neither is there")
    }
    if method == .coral && scenes(of: file).isEmpty {
      problems.append("coral trains on the labels of data.source; there are none")
    }
    return problems
  }

  func scenes(of file: PipelineFile) -> [LabelledScene] {
    method == .coral ? file.data.source.filter { $0.labels != nil } : []
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    var inputs = planning.inputs("target", SceneOpening(file).targetScenes)
    inputs.merge(planning.inputs("source", scenes(of: file))) { own, _ in own }
    return [
      planning.task(
        "adapt by \(method.rawValue)", subject: planning.stage.label, in: .models, uses: .training,
        inputs: inputs,
        after: planning.latestTasks(producing: .model)
      ) { context in
        try carryOut(context, file: file, history: "domain-adaptation (\(method.rawValue))")
      }
    ]
  }

  func learn(_ model: SegmentationModel, _ material: LearningMaterial) throws -> LearningOutcome {
    let (file, opening) = (material.file, SceneOpening(material.file))
    let normalization = Normalization(model.card)
    let target = ChipSet(
      try opening.unlabelledRegions(opening.targetScenes), normalization: normalization,
      size: file.chips.size, stride: file.chips.stride, unlabelled: true)
    guard !target.chips.isEmpty else {
      throw TaskFailure("domain-adaptation: no chip of the target is at least half valid", exitCode: .badData)
    }
    var outcome = LearningOutcome(model: model, course: [], metrics: [:])
    if method == .coral {
      let regions = try material.regions(of: scenes(of: file))
      let training = ChipSet(
        regions, normalization: normalization, size: file.chips.size, stride: file.chips.stride)
      let trained = try material.train(
        model, recipe,
        .init(training: training, labelCounts: material.counts(regions), alignment: (target, weight)),
        keepingEvery: keepingEvery)
      (outcome.model, outcome.course, outcome.adapter) = (trained.model, trained.history, trained.adapter)
      outcome.warnings = trained.warnings
    }
    let seen = StatisticsAdaptation(blend: blend, batch: recipe.batch)
      .adapt(outcome.model, to: target, progress: material.note)
    outcome.metrics["unlabelled chips"] = .int(seen)
    return outcome
  }
}
