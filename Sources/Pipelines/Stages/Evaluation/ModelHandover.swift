import Checkpoints
import Foundation
import Models
import Products
import Runs
import Transfer

/// The model that goes on from an evaluation: the recipe's, or where it loses to doing without transfer, the
/// winner's or none.
struct ModelHandover {
  let chain: EvaluatedChain
  let report: JobOutput

  func carryOut() throws -> JobResult {
    let verdict = try EvaluationVerdict.read(chain.context.url(of: EvaluationVerdict.layer, in: report))
    guard verdict.isNegative else {
      return try deliver(verdict.recipe, named: verdict.recipeName, warnings: [])
    }
    guard chain.design.onNegativeTransfer == .fallBack else {
      throw EvaluationFailure.negativeTransfer(verdict.sentence)
    }
    return try deliver(
      verdict.winner, named: verdict.winnerName,
      warnings: ["maps are made with '\(verdict.winnerName)', which did better"])
  }

  private func deliver(_ contestant: EvaluatedModel, named name: String, warnings: [String]) throws
    -> JobResult
  {
    let model: Model
    switch contestant {
    case .stage(let index): model = try chain.model(index)
    case .scratch, .sourceOnly, .candidate, .chosen:
      guard let trained = try chain.train(contestant, on: .allLabels(of: chain)) else {
        throw EvaluationFailure.untrainable(name)
      }
      model = trained
      model.card.trainedWith = ModelFiles.trainedWith(Arithmetic(chain.precision).kernels, chain.context)
      model.card.history = try chain.model(0).card.history + [LineageStep(EvaluationDesign.stage, name)]
    }
    var artifact = Artifact(of: chain.context)
    artifact.layers = try ModelFiles.write(model, in: chain.context)
    artifact.findings = [Finding(.deliveredModel, .text(name))]
    artifact.notes = warnings + chain.warnings
    return try chain.context.leave(artifact)
  }
}
