import Foundation
import Tensors

/// Weighted cross-entropy: sum of w[t] (-log p[t]) over the labelled pixels, divided by their sum of w[t].
///
/// With no labelled pixel the loss and its gradient are 0. The definition is PyTorch's `CrossEntropyLoss`.
public struct CrossEntropy: SegmentationLoss {
  /// One weight a class; nil weighs all alike.
  public let classWeights: [Float]?

  /// Cross-entropy with optional class weights `[K]`.
  public init(classWeights: [Float]? = nil) { self.classWeights = classWeights }

  /// See ``SegmentationLoss``.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let shape = probabilities.shape
    let (classes, plane) = (shape.channels, shape.height * shape.width)
    precondition(targets.count == shape.batch * plane, "\(targets.count) targets for scores \(shape)")
    let weights = classWeights ?? Array(repeating: 1, count: classes)
    let total = targets.reduce(0.0) { $1 == ignored ? $0 : $0 + Double(weights[Int($1)]) }
    guard total > 0 else { return LossValue(value: 0, gradient: Tensor(repeating: 0, shape: shape)) }
    var sum = 0.0
    let gradient = Tensor(shape: shape) { gradient in
      probabilities.withValues { probabilities in
        for image in 0..<shape.batch {
          for pixel in 0..<plane {
            let target = targets[image * plane + pixel]
            let first = image * classes * plane + pixel
            guard target != ignored else {
              for index in 0..<classes { gradient[first + index * plane] = 0 }
              continue
            }
            let factor = weights[Int(target)] / Float(total)
            for index in 0..<classes {
              gradient[first + index * plane] = factor * probabilities[first + index * plane]
            }
            let place = first + Int(target) * plane
            gradient[place] -= factor
            // The smallest normal number stands in for a probability that underflowed.
            let probability = max(probabilities[place], .leastNormalMagnitude)
            sum -= Double(weights[Int(target)]) * log(Double(probability))
          }
        }
      }
    }
    return LossValue(value: sum / total, gradient: gradient)
  }
}
