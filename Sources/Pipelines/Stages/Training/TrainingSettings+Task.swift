import Chips
import Tasks
import Transfer

extension TrainingRecipe {
  /// Names the settings of the recipe that mean nothing for a task, one phrase each.
  func problems(for task: any PredictionTask.Type) -> [String] {
    let limits = task.limits
    var problems: [String] = []
    if !limits.hasPixels && augmentation.cutmix > 0 {
      problems.append("'cutmix' pastes labelled pixels; \(task.name) has none: 'mixup' mixes whole chips")
    }
    if !limits.hasOneClass && !loss.isDefault {
      problems.append("\(task.name) learns each class by itself, by binary cross-entropy: leave 'loss' out")
    }
    if !limits.hasOneClass && loss.classWeighting != .none {
      problems.append("'class-weights' weighs places of one class; a chip has several with \(task.name)")
    }
    if !limits.hasOneClass && averaging.networks > 1 {
      problems.append(Self.noEnsemble(of: task))
    }
    return problems
  }

  /// Returns a phrase that says why a task knows no ensemble.
  static func noEnsemble(of task: any PredictionTask.Type) -> String {
    "networks together average the probabilities of one class a place; \(task.name) has none"
  }
}
