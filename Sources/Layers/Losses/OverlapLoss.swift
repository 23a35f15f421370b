import Classes
import Numerics
import Tensors

/// The loss behind ``Dice`` and ``Tversky``: the mean over the classes present of 1 - (TP + s) / (TP + a FP +
/// b FN + s).
///
/// With p the probability of the class and g its label, over all labelled pixels of the batch together, TP =
/// sum(p g), FP = sum(p (1 - g)), FN = sum((1 - p) g).
struct OverlapLoss {
  /// The weights of false positives and false negatives, and the smoothing.
  let (alpha, beta, smoothing): (Double, Double, Double)

  init(alpha: Double, beta: Double, smoothing: Double) {
    precondition(
      alpha >= 0 && beta >= 0 && smoothing > 0, "an overlap weighs \(alpha), \(beta), \(smoothing)")
    (self.alpha, self.beta, self.smoothing) = (alpha, beta, smoothing)
  }

  func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let (classes, labelled) = (probabilities.shape.channels, pixels.counts)
    let (overlap, mass) = sums(probabilities, targets)
    let present = (0..<classes).filter { labelled[$0] > 0 }
    guard !present.isEmpty else {
      return LossValue(value: 0, gradient: Tensor(repeating: 0, shape: probabilities.shape))
    }

    // d(loss)/dp of class k is common[k] for a pixel of another class, common[k] + own[k] for one of its own.
    var (common, own) = (Array(repeating: 0.0, count: classes), Array(repeating: 0.0, count: classes))
    var loss = 0.0
    let rest = 1 - alpha - beta
    for index in present {
      let numerator = overlap[index] + smoothing
      let denominator =
        rest * overlap[index] + alpha * mass[index] + beta * Double(labelled[index]) + smoothing
      loss += (1 - numerator / denominator) / Double(present.count)
      let slope = numerator / (denominator * denominator)
      common[index] = alpha * slope / Double(present.count)
      own[index] = (rest * slope - 1 / denominator) / Double(present.count)
    }
    let gradient = pixels.gradient(probabilities) { index, _, targets, derivatives in
      let (common, own) = (common[index], common[index] + own[index])
      for pixel in targets.indices { derivatives[pixel] = Int(targets[pixel]) == index ? own : common }
    }
    return LossValue(value: loss, gradient: gradient)
  }

  /// Sums of each class's probability over the pixels of the class, and over all labelled pixels, in the
  /// order of pixels.
  private func sums(_ probabilities: Tensor, _ targets: [UInt8]) -> (overlap: [Double], mass: [Double]) {
    let shape = probabilities.shape
    let (classes, plane) = (shape.channels, shape.height * shape.width)
    var sums = Array(repeating: (overlap: 0.0, mass: 0.0), count: classes)
    probabilities.withValues { probabilities in
      targets.withUnsafeBufferPointer { targets in
        sums.withUnsafeMutableBufferPointer { sums in
          parallelLoop(classes) { index in
            var sum = (overlap: 0.0, mass: 0.0)
            for image in 0..<shape.batch {
              let first = (image * (classes - 1) + index) * plane
              for pixel in image * plane..<(image + 1) * plane {
                let probability = Double(probabilities[first + pixel])
                sum.mass += targets[pixel] == ClassIndex.none ? 0 : probability
                sum.overlap += Int(targets[pixel]) == index ? probability : 0
              }
            }
            sums[index] = sum
          }
        }
      }
    }
    return (sums.map(\.overlap), sums.map(\.mass))
  }
}
