import Chips
import Foundation
import Layers
import Models
import Tensors

/// Makes the network sure of the target's pixels, without letting classes die out.
///
/// The loss is weight x (H + R). H is the mean entropy of the pixels' probabilities over log K, from 0 to 1.
/// R is the sum over classes of max(0, m q[c] - mean of p[c]): entropy alone rewards giving every pixel to
/// the most frequent class, so that each class has to keep the share m of its frequency q in the source's
/// labels. Pixels without data count in neither.
///
/// - Source: Vu et al. 2019, arXiv:1811.12833 (MinEnt, class-ratio priors).
public struct EntropyMinimization: AlignmentTerm {
  /// The weight of the loss.
  public let weight: Double
  /// The least that the mean probability of each class may be without a cost, m q, `[K]`.
  public let leastShares: [Double]

  /// Minimisation with a weight; `prior` is m in `0 ... 1`, `labelCounts` the source's labelled pixels of
  /// each class.
  public init(weight: Double, prior: Double, labelCounts: [Int]) {
    self.weight = weight
    let total = Double(max(1, labelCounts.reduce(0, +)))
    leastShares = labelCounts.map { prior * Double($0) / total }
  }

  /// Adds the gradient of the loss to the target's scores, and returns the loss.
  public func add(to step: JointStep, target: NetworkOutput) -> Double {
    let probabilities = Softmax.probabilities(step.kernels.plain(target.scores.tensor))
    let found = evaluate(probabilities, valid: step.unlabelled.valid)
    step.add(found.gradient, times: weight, to: target.scores)
    return weight * found.value
  }

  /// H + R of plain probabilities `[N, K, H, W]`, and its gradient with respect to the scores before the
  /// softmax.
  package func evaluate(_ probabilities: Tensor, valid: [Bool]) -> (value: Double, gradient: Tensor) {
    let (shape, classes) = (probabilities.shape, probabilities.shape.channels)
    let plane = shape.height * shape.width
    let count = Double(max(1, valid.reduce(0) { $0 + ($1 ? 1 : 0) }))
    let unit = 1 / (count * log(Double(classes)))
    var value = 0.0
    let gradient = Tensor(shape: shape) { gradient in
      probabilities.withValues { p in
        func forEachPixel(_ body: (_ first: Int) -> Void) {
          for pixel in valid.indices where valid[pixel] {
            body(pixel / plane * classes * plane + pixel % plane)
          }
        }
        var means = Array(repeating: 0.0, count: classes)
        forEachPixel { first in
          for index in 0..<classes { means[index] += Double(p[first + index * plane]) / count }
        }
        let lacks = zip(leastShares, means).map { max(0, $0 - $1) }
        value = lacks.reduce(0, +)
        let pushes = lacks.map { $0 > 0 ? -1 / count : 0 }
        gradient.update(repeating: 0)
        var slopes = Array(repeating: 0.0, count: classes)
        forEachPixel { first in
          var mean = 0.0
          for index in 0..<classes {
            let probability = Double(p[first + index * plane])
            let logarithm = log(max(probability, Double(Float.leastNormalMagnitude)))
            value -= unit * probability * logarithm
            slopes[index] = pushes[index] - unit * (logarithm + 1)
            mean += probability * slopes[index]
          }
          for index in 0..<classes {
            let place = first + index * plane
            gradient[place] = Float(Double(p[place]) * (slopes[index] - mean))
          }
        }
      }
    }
    return (value, gradient)
  }
}
