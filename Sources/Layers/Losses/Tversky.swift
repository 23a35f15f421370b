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
