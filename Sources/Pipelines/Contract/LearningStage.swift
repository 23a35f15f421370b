import Checkpoints
import Chips
import Models
import Runs
import Tensors
import Transfer

/// A stage that changes the weights of the model it is given, and can do so again on fewer labels for a fold
/// of an evaluation.
package protocol LearningStage: ModelStage {
  /// Returns the labelled scenes that the stage learns from; none where it needs no labels.
  func scenes(of file: PipelineFile) -> [SceneEntry]
  /// Returns all scenes whose pixels the stage looks at.
  func seenScenes(of file: PipelineFile) -> [SceneEntry]
  /// The precision in which the stage trains.
  var precision: Precision { get }
  /// The largest number of networks, whose probabilities are averaged, that the stage leaves of each that it
  /// gets.
  var networksOfEach: Int { get }
  /// The stage as a training on labels by one recipe, which an evaluation can repeat by others; nil where it
  /// is none.
  var supervised: (any SupervisedStage)? { get }

  /// Whether the stage trains the network itself, by gradients; such stages cannot follow one that does not.
  var isTrainedByGradients: Bool { get }
  /// Returns the model that the stage is given: that of the stage before, or where it begins a chain one that
  /// it makes.
  func givenModel(_ context: JobContext, file: PipelineFile) throws -> Model
  /// Returns a model of the shape that the stage makes of one, whatever its weights, to forecast memory by.
  func blank(after model: Model) throws -> Model
  /// The number of trainings of the stage that know nothing of each other: candidates, members of an
  /// ensemble.
  var trainings: Int { get }
  /// Takes the training of an index to its last step and leaves it where the material keeps trainings; what
  /// needs no training, or what has diverged, leaves nothing.
  ///
  /// - Parameter model: the model that the stage is given, which is changed.
  func train(_ index: Int, of model: Model, _ material: any LearningMaterial) throws

  /// Takes the model through the stage, in memory.
  ///
  /// - Returns: the model, the same one or another, with what learning left besides.
  func learn(_ model: Model, _ material: any LearningMaterial) throws -> LearningOutcome
}

extension LearningStage {
  package var learning: (any LearningStage)? { self }
  package var trainings: Int { 1 }
  /// True: learning changes the weights of a network unless a stage says otherwise.
  package var isTrainedByGradients: Bool { true }

  /// Returns the model: learning changes no shape unless a stage says otherwise.
  package func blank(after model: Model) throws -> Model { model }

  /// Takes the only training to its end.
  package func train(_ index: Int, of model: Model, _ material: any LearningMaterial) throws {
    _ = try learn(model, material)
  }
  package var supervised: (any SupervisedStage)? { nil }

  /// Returns the scenes that the stage learns from.
  package func seenScenes(of file: PipelineFile) -> [SceneEntry] { scenes(of: file) }
}

/// A training on labels by one recipe.
package protocol SupervisedStage: LearningStage {
  /// The recipe of the training.
  var recipe: TrainingRecipe { get }
  /// Returns this training by another recipe.
  func trained(by recipe: TrainingRecipe) -> any LearningStage
  /// This training on the labels of the source alone.
  var onSource: any LearningStage { get }
}

extension SupervisedStage {
  package var supervised: (any SupervisedStage)? { self }
}

/// The model and findings that learning leaves.
package struct LearningOutcome {
  /// The model that has learned.
  var model: Model
  /// Each pass of the training; none where nothing was trained.
  var course: [TrainingLoop.Epoch]
  /// The findings of the stage.
  var findings: [Finding] = []
  /// The low-rank updates that were merged into the weights, where there are any.
  var adapter: PEFTAdapter?
  /// Warnings to the user.
  var warnings: [String] = []
  /// The account of a training of the stage that blew up, one of ``warnings``; nil where none did.
  var blowUp: String?
  /// Labelled pixels of each class that are valid in their scenes; nil where no labels were counted.
  var labelledPixels: [Int]?
  /// The step that the card's lineage holds of the stage, where only learning shows it.
  var step: LineageStep?
}

/// The material of a learning stage: labels, and a way to train on them.
package protocol LearningMaterial {
  /// The pipeline file that the stage belongs to.
  var file: PipelineFile { get }
  /// Whether the run was asked to end.
  var isCancelled: Bool { get }
  /// The seed of everything random.
  var seed: UInt64 { get }

  /// Returns the labelled parts of scenes, adjusted as the model's card says.
  func regions(of scenes: [SceneEntry], for model: Model) throws -> [LabelledRegion]

  /// Returns the number of labelled pixels of each class.
  func counts(_ regions: [LabelledRegion]) -> [Int]

  /// Runs a training, and tells how far it is.
  ///
  /// - Parameter interval: seconds from one keeping of the unfinished training to the next.
  func train(
    _ model: Model, _ recipe: TrainingRecipe, _ material: TrainingLoop.Material,
    keepingEvery interval: Double
  ) throws -> TrainedModel

  /// Returns this material for one of several trainings of the stage.
  func part(_ name: String) -> any LearningMaterial

  /// Returns this material for a further member of an ensemble, with random numbers of its own.
  func member(_ index: Int) -> any LearningMaterial

  /// Shows a few words beside the progress.
  func note(_ words: String)

  /// Shows how many of some windows are done.
  func advance(_ done: Int, of count: Int)
}
