import Tensors

/// Soft Tversky loss over the batch: the mean of 1 - (TP + s) / (TP + a FP + b FN + s) over the classes
/// present.
///
/// TP, FP and FN are sums of probabilities over all labelled pixels of the batch. A beta above alpha makes
/// what is missed count more than what is found too much: for classes of few pixels. Unlabelled pixels count
/// nowhere. With no labelled pixel the loss and its gradient are 0.
///
/// - Source: Salehi et al. 2017, arXiv:1706.05721, in its multi-class form.
public struct Tversky: SegmentationLoss {
  private let overlap: OverlapLoss

  /// Creates the loss with the weights of false positives (`alpha`) and false negatives (`beta`), 0 or more,
  /// and the smoothing s, in pixels, above 0.
  public init(alpha: Double = 0.3, beta: Double = 0.7, smoothing: Double = 1) {
    overlap = OverlapLoss(alpha: alpha, beta: beta, smoothing: smoothing)
  }

  /// Computes the Tversky loss of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    overlap.evaluate(probabilities: probabilities, targets: targets)
  }
}

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
