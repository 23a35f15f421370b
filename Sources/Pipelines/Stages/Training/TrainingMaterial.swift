import CPUKernels
import Checkpoints
import Chips
import Foundation
import Models
import Numerics
import Runs
import Tasks
import Tensors
import Transfer

/// The labels of a file, or those that a fold of an evaluation leaves, to train on in a job.
struct TrainingMaterial: LearningMaterial {
  let file: PipelineFile
  private(set) var seed: UInt64
  /// Reads chips whose score is noted after each pass, which decides nothing; for curves over passes.
  var monitored: ((ModelCard) throws -> ChipSet)?
  /// Whether trainings that have taken their last step stay where unfinished ones are kept: another process
  /// makes a model of them.
  var keepsLast = false
  private let context: JobContext
  private var training: String
  private let kept: [SceneEntry: LabelledRegion]

  /// Takes all labels of the file, or in the place of some scenes' labels what is left of them.
  ///
  /// - Parameters:
  ///   - training: a name for the training, unique in the job: under it an unfinished one is kept.
  ///   - seed: everything random; the file's without it.
  init(
    file: PipelineFile, context: JobContext, training: String, seed: UInt64? = nil,
    keeping kept: [SceneEntry: LabelledRegion] = [:]
  ) {
    (self.file, self.context, self.training, self.kept) = (file, context, training, kept)
    self.seed = seed ?? file.seed
  }

  /// Returns the labelled parts of scenes, adjusted as the model's card says.
  func regions(of scenes: [SceneEntry], for model: Model) throws -> [LabelledRegion] {
    let opening = SceneOpening(file, adjustingFor: model.card)
    return try scenes.map { scene in
      try kept[scene].map { try opening.adjusted($0, of: scene) } ?? opening.region(scene)
    }
  }

  /// Returns the number of labelled pixels of each class.
  func counts(_ regions: [LabelledRegion]) -> [Int] {
    regions.reduce(into: Array(repeating: 0, count: file.classes.count)) { sums, region in
      for (index, count) in region.counts(classes: sums.count).enumerated() { sums[index] += count }
    }
  }

  /// Runs a training, and tells how far it is.
  ///
  /// - Parameter interval: seconds from one keeping of the unfinished training to the next.
  func train(
    _ model: Model, _ recipe: TrainingRecipe, _ material: TrainingLoop.Material,
    keepingEvery interval: Double
  ) throws -> TrainedModel {
    var (recipe, material) = (recipe, material)
    recipe.seed = seed
    if let monitored { material.monitored = try monitored(model.card) }
    let problems = recipe.augmentation.problems(for: Normalization(model.card))
    guard problems.isEmpty else { throw UnfitAugmentation(problems) }
    context.progress.begin(TrainingLoop.steps(recipe, chips: material.training.chips.count), unit: "steps")
    var loop = TrainingLoop(
      recipe, model: model, material: material, kernels: Arithmetic(recipe.precision).kernels,
      exact: KernelSet.standard)
    let trained = try loop.run(
      checkpoint: UnfinishedTraining(named: training, of: context).checkpoint(
        every: interval, keepsLast: keepsLast),
      progress: tell, passed: tell(_:of:), isCancelled: { context.isCancelled })
    trained.model.card.trainingQuantiles = material.training.bandQuantiles
    return trained
  }

  /// Tells of a step, or of what an earlier run did.
  private func tell(_ step: TrainingStep) {
    if step.resumedSteps > 0 {
      context.progress.resume(after: step.resumedSteps)
    } else {
      context.progress.advance()
    }
    note(step.description)
  }

  private func tell(_ pass: TrainingLoop.Epoch, of epochs: Int) {
    context.progress.ended(
      TrainingPass(
        training: training == Self.onlyTraining ? nil : training, phase: pass.phase, epoch: pass.epoch,
        epochs: epochs, loss: pass.loss, validation: pass.validation,
        metric: file.task.headline.title))
  }

  /// The name of a training that is the only one of its job.
  static let onlyTraining = "training"

  /// Returns this material for one of several trainings of the stage.
  func part(_ name: String) -> any LearningMaterial { named(name) }

  private func named(_ name: String) -> TrainingMaterial {
    var part = self
    part.training += "-" + name
    return part
  }

  /// Returns this material for a further member of an ensemble, with random numbers of its own.
  func member(_ index: Int) -> any LearningMaterial {
    var member = named("member-\(index)")
    var random = RandomSource(seed: seed, stream: "member \(index)")
    member.seed = random.next()
    return member
  }

  /// Shows a few words beside the progress.
  func note(_ words: String) { context.progress.note(words) }

  /// Shows how many of some windows are done.
  func advance(_ done: Int, of count: Int) {
    if done == 1 { context.progress.begin(count, unit: "windows") }
    context.progress.advance()
  }

  /// Whether the run was asked to end.
  var isCancelled: Bool { context.isCancelled }
}
