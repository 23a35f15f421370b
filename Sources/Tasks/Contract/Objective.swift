import Chips
import Layers
import Tensors

/// A loss of batches of chips that training minimises.
package protocol Objective: Sendable {
  /// Returns the loss of a batch and its gradient with respect to the network's scores.
  ///
  /// - Parameter answers: what the task makes of the scores, plain.
  func evaluate(_ answers: Tensor, of batch: ChipBatch) -> LossValue
  /// Returns the loss of a network that knows nothing, whose answers would have the same shape.
  func ofGuessing(like answers: Tensor, of batch: ChipBatch) -> Double
}

/// A loss of softmax probabilities at places that have one class each: pixels, or whole chips.
struct ClassObjective: Objective {
  private let loss: any SegmentationLoss

  init(_ loss: any SegmentationLoss) { self.loss = loss }

  func evaluate(_ answers: Tensor, of batch: ChipBatch) -> LossValue {
    let places = answers.shape.height * answers.shape.width
    let own = loss.evaluate(probabilities: answers, targets: batch.targets(onPlaces: places))
    guard let mixture = batch.mixture else { return own }
    let other = loss.evaluate(probabilities: answers, targets: batch.mixedTargets(mixture, onPlaces: places))
    return own.mixed(with: other, share: mixture.share)
  }

  func ofGuessing(like answers: Tensor, of batch: ChipBatch) -> Double {
    let shape = answers.shape
    return evaluate(Tensor(repeating: 1 / Float(shape.channels), shape: shape), of: batch).value
  }
}
