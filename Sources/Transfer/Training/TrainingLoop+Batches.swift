import Host
import Numerics

extension TrainingLoop {
  /// Starts cutting the batches of a pass, from the one at which it was interrupted.
  func feed(_ order: [[Int]], random: RandomSource) throws(TrainingFailure) -> BatchFeed {
    do throws(SystemError) {
      return try BatchFeed(
        order, skipping: state.progress.step * recipe.accumulation, of: material.training,
        beside: material.adaptation?.method.chips, augmentation: recipe.augmentation, random: random)
    } catch {
      throw .noThread(error)
    }
  }
}
