import Foundation

/// What a network's features are given of the gradient of a loss that they are to make large: -lambda times
/// it. The network that has the loss, the domain classifier, learns from the gradient as it is.
///
/// - Source: Ganin et al. 2016, arXiv:1505.07818.
public enum GradientReversal {
  /// lambda = 2 / (1 + exp(-10 p)) - 1 at progress p in `0 ... 1`: nothing at first, when the classifier
  /// knows nothing.
  public static func strength(at progress: Double) -> Double { 2 / (1 + exp(-10 * progress)) - 1 }
}
