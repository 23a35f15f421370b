import Tensors

/// Cross-entropy of the hardest pixels: of the labelled pixels of the batch only the share with the largest
/// w[t] (-log p[t]) counts (online hard example mining).
///
/// The sum over these is divided by their sum of w[t]: with a share of 1 it is ``CrossEntropy``. Their number
/// is rounded, at least one; of equally hard pixels the first count. With no labelled pixel the loss and its
/// gradient are 0, as where all that count are of classes with weight 0.
///
/// - Source: Shrivastava et al. 2016, arXiv:1604.03540, with pixels in place of regions.
public struct HardExamples: SegmentationLoss {
  /// The share of the labelled pixels that counts.
  public let share: Double
  /// One weight a class; nil weighs all alike.
  public let classWeights: [Float]?

  /// Creates the loss of the hardest `share`, above 0 and up to 1, with optional class weights `[K]`.
  public init(share: Double = 0.25, classWeights: [Float]? = nil) {
    precondition(
      share > 0 && share <= 1, "the share of pixels that counts is above 0 and up to 1, not \(share)")
    (self.share, self.classWeights) = (share, classWeights)
  }

  /// Computes the cross-entropy of the hardest pixels of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let weights = pixels.weights(classWeights)
    let plane = pixels.plane
    var places: [Int] = []
    var losses: [Float] = []
    probabilities.withValues { probabilities in
      pixels.forEach { pixel, first, target in
        places.append(pixel)
        losses.append(weights[target] * Float(surprisal(probabilities[first + target * plane])))
      }
    }
    let count = max(1, Int((share * Double(losses.count)).rounded()))
    let hardest = losses.withUnsafeBufferPointer { descendingOrder(of: $0).prefix(count) }
    let (sum, total) = hardest.reduce(into: (0.0, 0.0)) { sums, index in
      sums.0 += Double(losses[Int(index)])
      sums.1 += Double(weights[Int(targets[places[Int(index)]])])
    }
    guard total > 0 else {
      return LossValue(value: 0, gradient: Tensor(repeating: 0, shape: probabilities.shape))
    }
    var slopes = Array(repeating: Float(0), count: targets.count)
    for index in hardest {
      let pixel = places[Int(index)]
      slopes[pixel] = -(weights[Int(targets[pixel])] / Float(total))
    }
    return LossValue(value: sum / total, gradient: pixels.gradient(slopes: slopes, probabilities))
  }
}
