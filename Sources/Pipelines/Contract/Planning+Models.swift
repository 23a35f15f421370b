import Foundation
import Runs

extension Planning {
  /// The jobs that made models so far, each with its stage, in order.
  var modelJobs: [(job: Job, stage: any ModelStage)] {
    jobs(producing: .model).compactMap { job in
      let declaration = earlierStages.first { $0.label == job.stage }
      return declaration?.stage.model.map { (job, $0) }
    }
  }

  /// The recipe by which the file maps with the model at the stage at hand: that of the next `inference`,
  /// else of the last one before, else the defaults.
  var mapping: MappingRecipe {
    let next = laterStages.lazy.compactMap(\.stage.mapping).first
    return next ?? earlierStages.compactMap(\.stage.mapping).last ?? .standard
  }

  /// Returns the contents of labelled scenes as inputs of a job.
  func inputs(_ part: String, _ scenes: [SceneEntry]) -> [String: Input] {
    Dictionary(
      uniqueKeysWithValues: scenes.enumerated().map { ("\(part) \($0.offset)", .labelled($0.element)) })
  }
}
