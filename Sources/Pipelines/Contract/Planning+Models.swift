import Foundation
import Runs

extension Planning {
  /// The jobs that made models so far, each with its stage, in order.
  var modelTasks: [(task: Job, stage: any ModelStage)] {
    tasks(producing: .model).compactMap { task in
      let declaration = earlierStages.first { $0.label == task.stage }
      return declaration?.stage.model.map { (task, $0) }
    }
  }

  /// Returns the contents of labelled scenes as inputs of a job.
  func inputs(_ part: String, _ scenes: [SceneEntry]) -> [String: Input] {
    Dictionary(
      uniqueKeysWithValues: scenes.enumerated().map { ("\(part) \($0.offset)", .labelled($0.element)) })
  }
}
