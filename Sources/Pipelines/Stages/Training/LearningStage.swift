import CPUKernels
import Checkpoints
import Chips
import Foundation
import Models
import Numerics
import Runs
import Settings
import Tensors
import Transfer

/// A stage that changes the weights of the model it is given, and can do so again on fewer labels for a fold of an
/// evaluation.
protocol LearningStage: ModelStage {
  /// The labelled scenes that the stage learns from; none where it needs no labels.
  func scenes(of file: PipelineFile) -> [LabelledScene]
  /// All scenes whose pixels the stage looks at.
  func seenScenes(of file: PipelineFile) -> [LabelledScene]
  /// In what precision it trains.
  var precision: Precision { get }
  /// How many networks, whose probabilities are averaged, it leaves of each that it gets, at most.
  var networksOfEach: Int { get }
  /// Takes the model through the stage, in memory.
  ///
  /// - Returns: the model, the same one or another, with what learning left besides.
  func learn(_ model: SegmentationModel, _ material: LearningMaterial) throws -> LearningOutcome
}

extension LearningStage {
  /// Those that it learns from.
  func seenScenes(of file: PipelineFile) -> [LabelledScene] { scenes(of: file) }

  /// The stage's task: reads the model before it, learns, and writes the model with `history` in its card.
  func carryOut(_ context: TaskContext, file: PipelineFile, history: String) throws -> TaskResult {
    // Read before anything is trained: labels that fall out cost hours otherwise.
    let labels = try LabelReport(of: scenes(of: file), in: file)
    let outcome = try learn(
      try ModelFiles.read(context),
      LearningMaterial(file: file, context: context, training: LearningMaterial.onlyTraining))
    let model = outcome.model
    model.card.history.append(outcome.history ?? history)
    let arithmetic = Arithmetic(precision)
    if !outcome.course.isEmpty {
      model.card.trainedWith = ModelFiles.trainedWith(arithmetic.kernels, context)
      try TrainingHistory(outcome.course).write(to: context.directory)
    }
    try outcome.adapter?.write(to: context.directory.path)
    try ModelFiles.write(model, in: context)
    var metrics = outcome.metrics
    let notes = file.readingNotes
    if !labels.entries.isEmpty {
      metrics["labels"] = labels.metrics
      metrics["labelled pixels by class"] = labels.named(outcome.labelledPixels ?? labels.pixels)
    }
    if !notes.isEmpty { metrics["scenes read"] = .array(notes.map(JSONValue.string)) }
    return TaskResult(
      metrics: metrics,
      warnings: arithmetic.warnings + labels.warnings(usable: outcome.labelledPixels) + outcome.warnings
        + SensorAgreement(file).warnings(about: seenScenes(of: file)))
  }
}

/// What learning leaves.
struct LearningOutcome {
  /// The model.
  var model: SegmentationModel
  /// Each pass of the training; none where nothing was trained.
  var course: [TrainingLoop.Epoch]
  /// Figures for the summary.
  var metrics: [String: JSONValue]
  /// The low-rank updates that were merged into the weights, where there are any.
  var adapter: PEFTAdapter?
  /// What the user should know.
  var warnings: [String] = []
  /// How a training of the stage blew up, one of ``warnings``; nil where none did.
  var blowUp: String?
  /// Labelled pixels of each class that are valid in their scenes; nil where no labels were counted.
  var labelledPixels: [Int]?
  /// What the card says of the stage, where only learning shows it.
  var history: String?
}

/// What a learning stage gets: the file's labels, or those that a fold leaves.
struct LearningMaterial {
  let file: PipelineFile
  private(set) var seed: UInt64
  /// Chips whose score is noted after each pass, which decides nothing; for curves over passes.
  var monitored: ((ModelCard) throws -> ChipSet)?
  private let context: TaskContext
  private var training: String
  private let kept: [LabelledScene: LabelledRegion]

  /// All labels of the file, or in the place of some scenes' labels what is left of them.
  ///
  /// - Parameters:
  ///   - training: a name for the training, unique in the task: under it an unfinished one is kept.
  ///   - seed: everything random; the file's without it.
  init(
    file: PipelineFile, context: TaskContext, training: String, seed: UInt64? = nil,
    keeping kept: [LabelledScene: LabelledRegion] = [:]
  ) {
    (self.file, self.context, self.training, self.kept) = (file, context, training, kept)
    self.seed = seed ?? file.seed
  }

  /// The labelled parts of scenes, in memory, adjusted as the model's card says.
  func regions(of scenes: [LabelledScene], for model: SegmentationModel) throws -> [LabelledRegion] {
    let opening = SceneOpening(file, adjustingFor: model.card)
    return try scenes.map { scene in
      try kept[scene].map { try opening.adjusted($0, of: scene) } ?? opening.region(scene)
    }
  }

  /// Labelled pixels of each class.
  func counts(_ regions: [LabelledRegion]) -> [Int] {
    regions.reduce(into: Array(repeating: 0, count: file.classes.count)) { sums, region in
      for (index, count) in region.counts(classes: sums.count).enumerated() { sums[index] += count }
    }
  }

  /// Runs a training, and tells how far it is.
  ///
  /// - Parameter interval: seconds from one keeping of the unfinished training to the next.
  func train(
    _ model: SegmentationModel, _ recipe: TrainingRecipe, _ material: TrainingLoop.Material,
    keepingEvery interval: Double
  ) throws -> TrainedModel {
    var (recipe, material) = (recipe, material)
    recipe.seed = seed
    if let monitored { material.monitored = try monitored(model.card) }
    let problems = recipe.augmentation.problems(for: Normalization(model.card))
    guard problems.isEmpty else {
      throw TaskFailure("augmentation: " + problems.joined(separator: "; "), exitCode: .badPipelineFile)
    }
    context.progress.begin(TrainingLoop.steps(recipe, chips: material.training.chips.count), unit: "steps")
    var loop = TrainingLoop(
      recipe, model: model, material: material, kernels: Arithmetic(recipe.precision).kernels,
      exact: KernelSet.standard)
    let trained = try loop.run(
      checkpoint: UnfinishedTraining(named: training, of: context).checkpoint(every: interval),
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
        epochs: epochs, loss: pass.loss, validation: pass.validation))
  }

  /// The name of a training that is the only one of its task.
  static let onlyTraining = "training"

  /// The same for one of several trainings of the stage.
  func part(_ name: String) -> LearningMaterial {
    var part = self
    part.training += "-" + name
    return part
  }

  /// The same for a further member of an ensemble, with random numbers of its own.
  func member(_ index: Int) -> LearningMaterial {
    var member = part("member-\(index)")
    var random = RandomSource(seed: seed, stream: "member \(index)")
    member.seed = random.next()
    return member
  }

  /// Shows a few words beside the progress.
  func note(_ words: String) { context.progress.note(words) }
}
