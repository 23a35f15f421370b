import Checkpoints
import Chips
import Layers
import Models
import Tensors

/// Scores a model on labelled chips, as they are.
public enum ChipScoring {
  /// Computes the headline of the model's task on all chips, each label once, `batch` chips at a time; nil
  /// where nothing is labelled.
  public static func headline(
    _ model: Model, on chips: ChipSet, batch: Int, kernels: any Kernels
  ) -> Double? {
    func value(_ task: some PredictionTask) -> Double {
      score(model, by: task, on: chips, batch: batch, kernels: kernels).headline
    }
    let value = value(model.task)
    return value.isNaN ? nil : value
  }

  /// Counts what a model says of all chips, each label once, `batch` chips at a time.
  package static func score<Task: PredictionTask>(
    _ model: Model, by task: Task, on chips: ChipSet, batch: Int, kernels: any Kernels
  ) -> Task.Score {
    var score = task.emptyScore
    for start in stride(from: 0, to: chips.chips.count, by: batch) {
      let cut = chips.batchCountingOnce(Array(start..<min(start + batch, chips.chips.count)))
      let pass = Pass(.inference, kernels: kernels)
      let scores = kernels.plain(model.network(Value(cut.input), in: pass).scores.tensor)
      task.add(scores, of: cut, to: &score)
    }
    return score
  }
}
