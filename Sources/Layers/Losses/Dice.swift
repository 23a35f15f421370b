import Tensors

/// Soft Dice over the batch: the mean of 1 - (2 sum(p g) + 1) / (sum(p) + sum(g) + 1) over the classes
/// present.
///
/// It is ``Tversky`` with alpha = beta = 1/2 and smoothing 1/2. Unlabelled pixels count nowhere. With no
/// labelled pixel the loss and its gradient are 0.
///
/// - Source: Milletari et al. 2016, arXiv:1606.04797, in its multi-class form.
public struct Dice: SegmentationLoss {
  private let overlap = OverlapLoss(alpha: 0.5, beta: 0.5, smoothing: 0.5)

  /// Dice has no options.
  public init() {}

  /// Computes the soft Dice loss of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    overlap.evaluate(probabilities: probabilities, targets: targets)
  }
}
