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

/// Counts that come in part by part, for each model of a chain and for the one from scratch.
struct ScoreBoard {
  /// Whose counts they are.
  enum Role: Hashable {
    case stage(Int)
    case scratch
  }

  private var matrices: [Role: ConfusionMatrix] = [:]

  mutating func add(_ matrix: ConfusionMatrix, to role: Role) {
    if matrices[role]?.add(matrix) == nil { matrices[role] = matrix }
  }

  /// The scores in the order of the chain, the one from scratch last. Where two stages call their results the same, the
  /// later one has a number.
  func scores(of stages: [any ModelStage]) -> [EvaluationReport.Score] {
    var scores: [EvaluationReport.Score] = []
    var uses: [String: Int] = [:]
    for (index, stage) in stages.enumerated() {
      guard let matrix = matrices[.stage(index)] else { continue }
      let name = stage.resultName
      uses[name, default: 0] += 1
      let number = uses[name, default: 1]
      scores.append(.init(name: number == 1 ? name : "\(name) (\(number))", matrix: matrix))
    }
    if let matrix = matrices[.scratch] {
      scores.append(.init(name: EvaluationReport.fromScratch, matrix: matrix))
    }
    return scores
  }
}
