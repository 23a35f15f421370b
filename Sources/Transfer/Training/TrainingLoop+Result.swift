import Checkpoints
import Layers
import Models

extension TrainingLoop {
  /// Puts together what the training was for.
  ///
  /// - Parameter blowUp: how it blew up; nil where it did not.
  mutating func finish(blowUp: String?) -> TrainedModel {
    var model = weights.model
    switch recipe.averaging {
    case .none: if let best = state.best { weights.restore(best) }
    case .exponential: if let chosen = state.best ?? average?.weights { weights.restore(chosen) }
    case .uniform:
      if let average, average.count > 0 { weights.restore(average.weights) }
      // The average of the weights has seen no batch: its statistics are taken anew, as the authors do.
      weights.keepingClosedStatistics(frozen: recipe.freezesNormalization) {
        _ = StatisticsAdaptation(batch: recipe.batch).adapt(
          model, to: material.training, kernels: exact)
      }
    case .snapshots: break
    }
    var adapter = weights.merge(on: exact)
    if adapter != nil && model.card.members != nil {
      // An adapter file is for one network: peft has no name for a member's tensors.
      adapter = nil
      warnings.append(
        "the low-rank updates of an ensemble are in the weights; there is no adapter file of them")
    }
    if let start = state.start, recipe.trainedShare < 1 {
      model.network.parameters.interpolate(from: start, share: recipe.trainedShare)
    }
    model.network.parameters.freeze([])
    model.card.hasTrainedHead = true
    if recipe.averaging.isSnapshots {
      let members = state.snapshots.map { snapshot in
        model.network.parameters.restore(snapshot)
        return model.copy()
      }
      // They are of one card, because they were one model.
      model = try! Model(ensembleOf: members)
    }
    if let blowUp { warnings.append(blowUp) }
    if let paths = held.paths {
      warnings.append(
        "\(paths) \(SingleValueNormalizations.sawOneValue) in a batch: its running statistics were held there; a larger 'batch' or "
          + "larger chips train it, 'batch-norm: frozen' holds all of them")
    }
    return TrainedModel(
      model: model, history: state.progress.history, adapter: adapter, warnings: warnings, blowUp: blowUp)
  }
}
