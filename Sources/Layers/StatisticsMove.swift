import Tensors

/// A step of a running statistic towards that of a batch.
public struct StatisticsMove {
  /// The running mean or variance, `[C]`.
  public let running: Parameter
  /// The batch's, `[C]`.
  public let batch: [Float]
  /// The factor of the batch's values: that of the unbiased variance.
  let factor: Float
  /// The share of the new value that is the batch's.
  let weight: Float

  /// Returns the step by another batch of the same size.
  public func by(_ batch: [Float]) -> StatisticsMove {
    precondition(batch.count == self.batch.count, "the statistics of \(batch.count) channels")
    return StatisticsMove(running: running, batch: batch, factor: factor, weight: weight)
  }

  /// Takes the step.
  public func take() {
    running.tensor.mutate { running in
      for index in running.indices {
        running[index] = (1 - weight) * running[index] + weight * factor * batch[index]
      }
    }
  }
}
