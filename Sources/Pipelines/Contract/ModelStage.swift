import Checkpoints
import Classes
import Foundation
import Models

/// A link of the chain of models: a stage that starts a network, or one that changes the model before it.
package protocol ModelStage: Stage {
  /// The name of the model that the stage leaves in tables: `source only`, `adapted (coral)`, `fine-tuned`.
  var resultName: String { get }
  /// The network that the stage starts the chain with; nil where it starts none.
  var network: (any StartingNetwork)? { get }
  /// The learning by which the stage changes the model before it; nil where it changes none.
  var learning: (any LearningStage)? { get }
}

extension ModelStage {
  package var model: (any ModelStage)? { self }
  package var network: (any StartingNetwork)? { nil }
  package var learning: (any LearningStage)? { nil }
}

/// The network that a chain begins with, as far as it is known before anything is loaded.
package protocol StartingNetwork: Sendable {
  /// The way in which the network compares two dates; nil for one that sees a single date.
  var comparison: DateComparison? { get }
  /// The network's parts, from the input on.
  var networkParts: [NetworkPart] { get }
  /// Whether the network starts without weights.
  var isFresh: Bool { get }
  /// The classes that the published weights tell apart as they are; none where that is not known.
  var publishedClasses: [PublishedClass] { get }

  /// Holds the file of weights against the network and, where it makes filters from wavelengths, against the
  /// pipeline's bands; else by its header alone.
  ///
  /// - Throws: `CheckpointError` for a file that is damaged, or holds another network.
  func checkWeights(for file: PipelineFile) throws(CheckpointError)

  /// Makes the model of the pipeline with zeros for weights: so many networks for each that the weights hold,
  /// as far as those are there.
  func blankModel(_ file: PipelineFile, networksOfEach: Int) throws -> Model

  /// Makes the network of the pipeline with the weights of a file, fitted to the bands at hand.
  ///
  /// - Parameter classes: what it tells apart; nil for the classes that the weights know.
  /// - Returns: the model, and what was done, in sentences.
  func pretrainedModel(
    at weights: URL, _ file: PipelineFile, classes: [LandClass]?, progress: (String) -> Void
  ) throws -> (Model, notes: [String])
}

extension [any Stage] {
  /// The networks that stages start, in order.
  package var networks: [any StartingNetwork] { compactMap { $0.model?.network } }
}

extension [any ModelStage] {
  /// Returns the labelled scenes that stages learn from.
  package func learnedScenes(of file: PipelineFile) -> [SceneEntry] {
    flatMap { $0.learning?.scenes(of: file) ?? [] }
  }
}
