import Layers
import Tensors

/// What a pass through a network and back has made of a batch.
struct DifferentiatedBatch {
  /// The loss with all that was added to the objective.
  let loss: Double
  /// The loss of the objective alone.
  let ownLoss: Double
  /// The loss of guessing; nil where it was not asked for.
  let chance: Double?
  /// The plain gradient of each parameter that took part.
  let gradients: [(parameter: Parameter, gradient: Tensor)]
  /// The steps of running statistics that are still to be taken.
  let moves: [StatisticsMove]
}
