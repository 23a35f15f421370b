import Tensors

/// Squared earth mover's distance of ordered classes: the mean over the labelled pixels of
/// 1 / (K - 1) sum over k < K - 1 of (P[k] - T[k])^2, where P[k] is the probability of the classes up to k,
/// and T[k] is 1 from the label on and 0 before it.
///
/// What is wrong costs the more the farther from the label it is: taking a destroyed building for one with
/// major damage costs less than taking it for one without damage. With no labelled pixel the loss and its
/// gradient are 0.
///
/// - Source: Hou, Yu and Samaras 2016, arXiv:1611.05916.
public struct EarthMover: SegmentationLoss {
  /// The distance has no options; the order of the classes is that of the scores.
  public init() {}

  /// Computes the mean squared distance of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let (steps, plane) = (probabilities.shape.channels - 1, pixels.plane)
    let scale = 1 / Double(max(1, steps) * max(1, pixels.counts.reduce(0, +)))
    // dL/dp[k] is the sum of the slopes from k on.
    var derivatives = Array(repeating: 0.0, count: probabilities.shape.count)
    var sum = 0.0
    probabilities.withValues { probabilities in
      pixels.forEach { _, first, target in
        var excess = 0.0
        for step in 0..<steps {
          excess += Double(probabilities[first + step * plane]) - (step == target ? 1 : 0)
          sum += excess * excess
          derivatives[first + step * plane] = 2 * scale * excess
        }
        for step in (0..<steps).reversed() {
          derivatives[first + step * plane] += derivatives[first + (step + 1) * plane]
        }
      }
    }
    let gradient = pixels.gradient(probabilities) { _, element, targets, run in
      for pixel in targets.indices { run[pixel] = derivatives[element + pixel] }
    }
    return LossValue(value: sum * scale, gradient: gradient)
  }
}
