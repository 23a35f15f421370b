import Checkpoints
import Chips
import Foundation
import Models
import Tensors
import Transfer

/// A stage that changes the weights of the model it is given, and can do so again on fewer labels for a fold of an
/// evaluation.
protocol LearningStage: ModelStage {
  /// The labelled scenes that the stage learns from; none where it needs no labels.
  func scenes(of file: PipelineFile) -> [LabelledScene]
  /// In what precision it trains.
  var precision: Precision { get }
  /// Takes the model through the stage, in memory.
  func learn(_ model: SegmentationModel, _ material: LearningMaterial) throws -> LearningOutcome
}

extension LearningStage {
  /// The stage's task: reads the model before it, learns, and writes the model with `history` in its card.
  func carryOut(_ context: TaskContext, file: PipelineFile, history: String) throws -> TaskResult {
    let model = try ModelFiles.read(context)
    let outcome = try learn(model, LearningMaterial(file: file, context: context))
    model.card.history.append(history)
    let arithmetic = Arithmetic(precision)
    if !outcome.course.isEmpty {
      model.card.trainedWith = ModelFiles.trainedWith(arithmetic.kernels, context)
      try TrainingHistory.write(outcome.course, to: context.directory)
    }
    try ModelFiles.write(model, in: context)
    return TaskResult(metrics: outcome.metrics, warnings: arithmetic.warnings)
  }
}

/// What learning leaves besides the weights.
struct LearningOutcome {
  /// Each pass of the training; none where nothing was trained.
  var course: [TrainingLoop.Epoch]
  /// Figures for the summary.
  var metrics: [String: JSONValue]
}

/// What a learning stage gets: the file's labels, or those that a fold leaves.
struct LearningMaterial {
  let file: PipelineFile
  let seed: UInt64
  private let context: TaskContext
  private let kept: [LabelledScene: LabelledRegion]

  /// All labels of the file.
  init(file: PipelineFile, context: TaskContext) {
    self.init(file: file, context: context, seed: file.seed, keeping: [:])
  }

  /// The regions of `kept` in the place of their scenes' whole labels.
  init(
    file: PipelineFile, context: TaskContext, seed: UInt64, keeping kept: [LabelledScene: LabelledRegion]
  ) {
    (self.file, self.context, self.seed, self.kept) = (file, context, seed, kept)
  }

  /// The labelled parts of scenes, in memory.
  func regions(of scenes: [LabelledScene]) throws -> [LabelledRegion] {
    let opening = SceneOpening(file)
    return try scenes.map { scene in try kept[scene] ?? opening.region(scene) }
  }

  /// Labelled pixels of each class.
  func counts(_ regions: [LabelledRegion]) -> [Int] {
    regions.reduce(into: Array(repeating: 0, count: file.classes.count)) { sums, region in
      for (index, count) in region.counts(classes: sums.count).enumerated() { sums[index] += count }
    }
  }

  /// Runs a training, and tells how far it is.
  func train(
    _ model: SegmentationModel, _ recipe: TrainingRecipe, _ material: TrainingLoop.Material
  ) throws -> [TrainingLoop.Epoch] {
    var recipe = recipe
    recipe.seed = seed
    let problems = recipe.augmentation.problems(for: Normalization(model.card))
    guard problems.isEmpty else {
      throw TaskFailure("augmentation: " + problems.joined(separator: "; "), exitCode: .badPipelineFile)
    }
    context.progress.begin(TrainingLoop.steps(recipe, chips: material.training.chips.count), unit: "steps")
    var loop = TrainingLoop(
      recipe, model: model, material: material, kernels: Arithmetic(recipe.precision).kernels)
    let course = try loop.run(
      progress: { words in
        context.progress.advance()
        note(words)
      }, isCancelled: { context.isCancelled })
    model.card.hasTrainedHead = true
    return course
  }

  /// Shows a few words beside the progress.
  func note(_ words: String) { context.progress.note(words) }
}
