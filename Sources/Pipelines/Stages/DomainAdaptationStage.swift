import Checkpoints
import Chips
import Foundation
import Models
import Transfer

/// Makes a model that learned elsewhere fit scenes of another place, season or sensor, without their labels.
struct DomainAdaptationStage: ModelStage {
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

  init(_ settings: SettingsReader) {
    method = settings.choice("method", of: Method.self, default: .adaBN, "how to adapt")
    blend = settings.double("blend", default: 1, in: 0...1, "the target's share of the statistics")
    weight = settings.double(
      "weight", default: 10, in: 0...1e6, "how much alignment counts beside the labels (coral)")
    recipe = TrainingRecipe(settings, epochs: 10, strategy: .full)
  }

  func resultName(of card: ModelCard) -> String { "adapted (\(method.rawValue))" }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    let opening = SceneOpening(file)
    let target = opening.targetScenes
    let source = file.data.source.filter { $0.labels != nil }
    guard !target.isEmpty else {
      throw TaskFailure(
        "domain-adaptation adapts to data.unlabelled or data.target; neither is there",
        exitCode: .badPipelineFile)
    }
    guard method != .coral || !source.isEmpty else {
      throw TaskFailure(
        "domain-adaptation: coral trains on the labels of data.source; there are none",
        exitCode: .badPipelineFile)
    }
    var inputs = planning.inputs("target", target)
    if method == .coral { inputs.merge(planning.inputs("source", source)) { own, _ in own } }
    return [
      planning.task(
        "adapt by \(method.rawValue)", subject: planning.stage.label, in: .models, uses: .training,
        inputs: inputs,
        after: planning.latestTasks(producing: .model)
      ) { context in try carryOut(context, file: file, source: source) }
    ]
  }

  private func carryOut(_ context: TaskContext, file: PipelineFile, source: [LabelledScene]) throws
    -> TaskResult
  {
    let opening = SceneOpening(file)
    let model = try ModelFiles.read(context)
    let normalization = Normalization(model.card)
    let target = ChipSet(
      try opening.unlabelledRegions(opening.targetScenes), normalization: normalization,
      size: file.chips.size,
      stride: file.chips.stride, unlabelled: true)
    guard !target.chips.isEmpty else {
      throw TaskFailure("domain-adaptation: no chip of the target is at least half valid", exitCode: .badData)
    }
    var history: [TrainingLoop.Epoch] = []
    if method == .coral {
      let regions = try opening.regions(source)
      let training = ChipSet(
        regions, normalization: normalization, size: file.chips.size, stride: file.chips.stride)
      var counts = Array(repeating: 0, count: file.classes.count)
      for region in regions {
        for (index, count) in region.counts(classes: counts.count).enumerated() { counts[index] += count }
      }
      var recipe = recipe
      recipe.seed = file.seed
      context.progress.begin(TrainingLoop.steps(recipe, chips: training.chips.count), unit: "steps")
      var loop = TrainingLoop(
        recipe, model: model,
        material: .init(training: training, labelCounts: counts, alignment: (target, weight)))
      history = try loop.run(
        progress: { note in
          context.progress.advance()
          context.progress.note(note)
        }, isCancelled: { context.isCancelled })
      model.card.hasTrainedHead = true
      model.card.trainedWith = ModelFiles.trainedWith(context)
    }
    let seen = StatisticsAdaptation(blend: blend, batch: recipe.batch).adapt(
      model, to: target, progress: context.progress.note)
    model.card.history.append("domain-adaptation (\(method.rawValue))")
    try ModelFiles.write(model, in: context)
    if !history.isEmpty { try TrainingHistory.write(history, to: context.directory) }
    return TaskResult(metrics: ["unlabelled chips": .int(seen)])
  }
}
