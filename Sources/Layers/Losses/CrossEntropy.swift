import Foundation
import Tensors

/// Weighted cross-entropy: sum of w[t] (-log p[t]) over the labelled pixels, divided by their sum of w[t].
///
/// With label smoothing e a pixel's target is 1 - e for its class and e / K on top for each of the K classes:
/// its term is (1 - e) w[t] (-log p[t]) + e / K sum over k of w[k] (-log p[k]). The divisor stays.
///
/// With no labelled pixel the loss and its gradient are 0, as where all labels are of classes with weight 0.
/// The definition is PyTorch's `CrossEntropyLoss` with `weight`, `label_smoothing` and its mean.
///
/// - Source: Szegedy et al. 2016, arXiv:1512.00567 (label smoothing).
public struct CrossEntropy: SegmentationLoss {
  /// One weight a class; nil weighs all alike.
  public let classWeights: [Float]?
  /// The share of a target that is spread over all classes.
  public let labelSmoothing: Double

  /// Cross-entropy with optional class weights `[K]` and label smoothing in `0 ... 1`.
  public init(classWeights: [Float]? = nil, labelSmoothing: Double = 0) {
    precondition((0...1).contains(labelSmoothing), "label smoothing is a share, not \(labelSmoothing)")
    (self.classWeights, self.labelSmoothing) = (classWeights, labelSmoothing)
  }

  /// Computes the cross-entropy of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let weights = pixels.weights(classWeights)
    var total = 0.0
    pixels.forEach { _, _, target in total += Double(weights[target]) }
    guard total > 0 else {
      return LossValue(value: 0, gradient: Tensor(repeating: 0, shape: probabilities.shape))
    }
    let plane = pixels.plane
    let sharp = Float(1 - labelSmoothing)
    var sum = 0.0
    var slopes = Array(repeating: Float(0), count: targets.count)
    probabilities.withValues { probabilities in
      pixels.forEach { pixel, first, target in
        slopes[pixel] = -(sharp * weights[target] / Float(total))
        sum += Double(weights[target]) * surprisal(probabilities[first + target * plane])
      }
    }
    var value = LossValue(
      value: (1 - labelSmoothing) * sum / total,
      gradient: pixels.gradient(slopes: slopes, probabilities))
    if labelSmoothing > 0 { smooth(&value, pixels, probabilities, weights: weights, total: total) }
    return value
  }

  /// Adds what all classes count at each pixel: e / K w[k] (-log p[k]), whose derivative by the score of j is
  /// e / K (p[j] sum of w[k] - w[j]).
  private func smooth(
    _ loss: inout LossValue, _ pixels: LabelledPixels, _ probabilities: Tensor, weights: [Float],
    total: Double
  ) {
    let share = labelSmoothing / Double(weights.count) / total
    let allWeights = Float(share * weights.reduce(0) { $0 + Double($1) })
    let plane = pixels.plane
    loss.value += loss.gradient.mutate { gradient in
      probabilities.withValues { probabilities in
        pixels.parallelSum { image, run in
          var sum = 0.0
          for (index, weight) in weights.enumerated() {
            let constant = Float(share) * weight
            pixels.forEach(in: run, of: image) { _, first, _ in
              let place = first + index * plane
              let probability = probabilities[place]
              gradient[place] += allWeights * probability - constant
              sum += share * Double(weight) * surprisal(probability)
            }
          }
          return sum
        }
      }
    }
  }
}

/// -log p; the smallest normal number stands in for a probability that underflowed.
func surprisal(_ probability: Float) -> Double {
  -log(Double(max(probability, .leastNormalMagnitude)))
}
