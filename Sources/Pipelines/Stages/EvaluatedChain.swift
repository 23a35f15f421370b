import Checkpoints
import Foundation
import Models
import Transfer

/// The models of a chain, and the same network from scratch, as an evaluation sees them.
struct EvaluatedChain {
  let file: PipelineFile
  let context: TaskContext
  /// The stages that made the models, in order.
  let stages: [any ModelStage]
  /// What the network from scratch learns by; nil where there shall be none.
  let scratch: (recipe: FineTuneStage, budget: ScratchBudget)?

  /// What the user should know of the arithmetic in which an evaluation trains.
  var warnings: [String] {
    let learning = stages.compactMap { $0 as? any LearningStage } + (scratch.map { [$0.recipe] } ?? [])
    return Set(learning.flatMap { Arithmetic($0.precision).warnings }).sorted()
  }

  /// The model that stage `index` left.
  func model(_ index: Int) throws -> SegmentationModel { try ModelFiles.read(context, input: index) }

  /// The last model's network, trained from scratch.
  func modelFromScratch(_ material: LearningMaterial) throws -> SegmentationModel? {
    guard let scratch else { return nil }
    context.progress.note("train from scratch")
    var card = try model(stages.count - 1).card
    card.hasTrainedHead = false
    let fresh = try SegmentationModel(card: card, seed: file.seed &+ 1)
    try scratch.recipe.learnFromScratch(fresh, material, scratch.budget)
    return fresh
  }
}
