import Checkpoints
import Chips
import Models
import Runs
import Tensors
import Transfer

/// A stage that changes the weights of the model it is given, and can do so again on fewer labels for a fold
/// of an evaluation.
package protocol LearningStage: ModelStage {
  /// The labelled scenes that the stage learns from; none where it needs no labels.
  func scenes(of file: PipelineFile) -> [SceneEntry]
  /// All scenes whose pixels the stage looks at.
  func seenScenes(of file: PipelineFile) -> [SceneEntry]
  /// In what precision it trains.
  var precision: Precision { get }
  /// How many networks, whose probabilities are averaged, it leaves of each that it gets, at most.
  var networksOfEach: Int { get }
  /// The stage as a training on labels by one recipe, which an evaluation can repeat by others; nil where it
  /// is none.
  var supervised: (any SupervisedStage)? { get }

  /// Takes the model through the stage, in memory.
  ///
  /// - Returns: the model, the same one or another, with what learning left besides.
  func learn(_ model: SegmentationModel, _ material: any LearningMaterial) throws -> LearningOutcome
}

extension LearningStage {
  package var learning: (any LearningStage)? { self }
  package var supervised: (any SupervisedStage)? { nil }

  /// The scenes that it learns from.
  package func seenScenes(of file: PipelineFile) -> [SceneEntry] { scenes(of: file) }
}

/// A training on labels by one recipe.
package protocol SupervisedStage: LearningStage {
  /// The recipe.
  var recipe: TrainingRecipe { get }
  /// The same training by another recipe.
  func trained(by recipe: TrainingRecipe) -> any LearningStage
  /// The same training on the labels of the source alone.
  var onSource: any LearningStage { get }
}

extension SupervisedStage {
  package var supervised: (any SupervisedStage)? { self }
}

/// What learning leaves.
package struct LearningOutcome {
  /// The model.
  var model: SegmentationModel
  /// Each pass of the training; none where nothing was trained.
  var course: [TrainingLoop.Epoch]
  /// What the stage has found.
  var findings: [Finding] = []
  /// The low-rank updates that were merged into the weights, where there are any.
  var adapter: PEFTAdapter?
  /// What the user should know.
  var warnings: [String] = []
  /// How a training of the stage blew up, one of ``warnings``; nil where none did.
  var blowUp: String?
  /// Labelled pixels of each class that are valid in their scenes; nil where no labels were counted.
  var labelledPixels: [Int]?
  /// What the card says of the stage, where only learning shows it.
  var step: LineageStep?
}

/// What a learning stage gets: labels, and a way to train on them.
package protocol LearningMaterial {
  /// The pipeline file.
  var file: PipelineFile { get }
  /// The seed of everything random.
  var seed: UInt64 { get }

  /// The labelled parts of scenes, adjusted as the model's card says.
  func regions(of scenes: [SceneEntry], for model: SegmentationModel) throws -> [LabelledRegion]

  /// Labelled pixels of each class.
  func counts(_ regions: [LabelledRegion]) -> [Int]

  /// Runs a training, and tells how far it is.
  ///
  /// - Parameter interval: seconds from one keeping of the unfinished training to the next.
  func train(
    _ model: SegmentationModel, _ recipe: TrainingRecipe, _ material: TrainingLoop.Material,
    keepingEvery interval: Double
  ) throws -> TrainedModel

  /// The same for one of several trainings of the stage.
  func part(_ name: String) -> any LearningMaterial

  /// The same for a further member of an ensemble, with random numbers of its own.
  func member(_ index: Int) -> any LearningMaterial

  /// Shows a few words beside the progress.
  func note(_ words: String)
}
