import Layers
import Models
import Numerics
import Tensors

extension TrainingLoop {
  /// The adaptation of the network to another domain during training.
  public struct Adaptation {
    /// The method that a training carries out beside learning labels; it has the other domain's chips.
    public let method: any DomainMethod
    /// Whether the running statistics of normalisations follow the other domain's batches alone. Each batch
    /// is normalised by its own statistics in any case.
    public let followsTargetAlone: Bool

    /// Adaptation by a method.
    public init(_ method: any DomainMethod, followsTargetAlone: Bool = false) {
      (self.method, self.followsTargetAlone) = (method, followsTargetAlone)
    }
  }

  /// Lets the method prepare for a pass over the chips, but for one that was begun before an interruption.
  func beginAdaptedPass(_ phases: [TrainingPhase]) {
    guard let adaptation = material.adaptation, state.progress.step == 0 else { return }
    let before = phases.prefix(state.progress.phase).reduce(0) { $0 + $1.epochs }
    adaptation.method.begin(
      epoch: before + state.progress.epoch, of: phases.reduce(0) { $0 + $1.epochs }, weights.model,
      kernels: exact)
  }

  /// Adds the method's gradients to a step.
  ///
  /// - Returns: what it adds to the loss.
  func adapt(_ pass: Pass, _ batch: BatchFeed.Batch, _ output: NetworkOutput, _ probabilities: Tensor)
    -> Double
  {
    guard let unlabelled = batch.unlabelled, let adaptation = material.adaptation else { return 0 }
    let phases = TrainingPhase.phases(recipe, over: weights.roles)
    let taken = stepsTaken(phases)
    let total = phases.reduce(0) { $0 + $1.epochs } * stepsPerEpoch
    return adaptation.method.add(
      to: JointStep(
        network: weights.model.network, pass: pass, kernels: kernels, labelled: batch.labelled,
        output: output,
        probabilities: probabilities, unlabelled: unlabelled, progress: Double(taken) / Double(total),
        random: RandomSource(seed: recipe.seed, stream: "adaptation, step \(taken), batch \(batch.number)")))
  }
}
