import Checkpoints
import Chips
import Classes
import Foundation
import Models
import Scenes

/// The beginning of a chain without a network: bands, their normalisation, and features of them.
struct FeaturesAlone: StartingNetwork {
  /// The name of the learner that reads the features.
  let name: String
  /// The features.
  let recipe: FeatureRecipe

  var comparison: DateComparison? { nil }
  var networkParts: [NetworkPart] { [] }
  /// There are no weights that another seed would draw otherwise.
  var isFresh: Bool { false }
  var publishedClasses: [PublishedClass] { [] }

  func checkWeights(for file: PipelineFile) throws(CheckpointError) {}

  /// Returns the scenes whose values give the normalisation: those of the source where there are any.
  static func measured(_ file: PipelineFile) -> [SceneEntry] {
    file.data.source.isEmpty ? SceneOpening(file).targetScenes : file.data.source.map(\.withoutLabels)
  }

  /// Makes the model that a chain begins with, whose bands are normalised by the scenes at hand.
  func model(_ file: PipelineFile) throws -> Model {
    let opening = SceneOpening(file)
    let scenes = Self.measured(file)
    let regions = try opening.unlabelledRegions(scenes)
    guard !regions.isEmpty else {
      throw NormalizationFailure.noValidChip(scenes: scenes.map(\.scene.fileName))
    }
    return try Model(
      bandsOf: card(file, opening, opening.bandCards(from: regions)), named: name, reading: recipe)
  }

  func blankModel(_ file: PipelineFile, networksOfEach: Int) throws -> Model {
    let opening = SceneOpening(file)
    return try Model(
      bandsOf: card(file, opening, opening.bandCards(from: [])), named: name, reading: recipe)
  }

  func pretrainedModel(
    at weights: URL, _ file: PipelineFile, classes: [LandClass]?, progress: (String) -> Void
  ) throws -> (Model, notes: [String]) {
    throw CheckpointError(.mismatch, path: weights.path, "a chain that begins with classify has no network")
  }

  private func card(_ file: PipelineFile, _ opening: SceneOpening, _ bands: [ModelCard.Band]) -> ModelCard {
    ModelCard(
      architecture: Model.architectureWithoutNetwork.architecture,
      encoder: Model.architectureWithoutNetwork.encoder, sensor: file.sensor, bands: bands,
      classes: opening.classes, task: file.taskName)
  }
}
