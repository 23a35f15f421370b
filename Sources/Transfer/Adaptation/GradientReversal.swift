import Foundation

/// The reversal of a gradient: features that are to make a loss large get -lambda times its gradient. The
/// network that has the loss, the domain classifier, learns from the gradient as it is.
///
/// - Source: Ganin et al. 2016, arXiv:1505.07818.
public enum GradientReversal {
  /// lambda = 2 / (1 + exp(-10 p)) - 1 at progress p in `0 ... 1`: nothing at first, when the classifier
  /// knows nothing.
  public static func strength(at progress: Double) -> Double { 2 / (1 + exp(-10 * progress)) - 1 }
}
