import Checkpoints
import Models

/// The tasks that a model can be asked.
package enum TaskCatalogue {
  /// All tasks, in the order in which a schema lists them; the first one where nothing is said.
  package static let all: [any PredictionTask.Type] = [
    Segmentation.self, SceneClassification.self, MultiLabelClassification.self,
  ]

  /// The names of all tasks.
  package static let names = all.map { $0.name }

  /// Returns the task of a name; nil where there is none.
  package static func named(_ name: String) -> (any PredictionTask.Type)? { all.first { $0.name == name } }

  /// Returns the task that a model with this card is for.
  ///
  /// - Throws: ``CheckpointError`` (`card`) for a task that does not exist.
  package static func task(of card: ModelCard, path: String = "model card") throws(CheckpointError)
    -> any PredictionTask
  {
    guard let task = named(card.task) else {
      throw CheckpointError(
        .card, path: path, "no task '\(card.task)'; there are \(names.joined(separator: ", "))")
    }
    return task.init(classes: card.classes.count)
  }
}

extension Model {
  /// The task that a model with this card is for.
  ///
  /// - Precondition: the card names a task that there is, which is asked where models are read.
  package var task: any PredictionTask {
    guard let task = try? TaskCatalogue.task(of: card) else {
      preconditionFailure("a model of the unknown task '\(card.task)'")
    }
    return task
  }
}
