import Foundation
import Tensors

/// Focal loss: the mean over the labelled pixels of w[t] (1 - p[t])^g (-log p[t]), which counts pixels the
/// less the surer the network is of their class.
///
/// The divisor is the number of labelled pixels, whatever their weights: these are the paper's alpha. With
/// g = 0 and no weights it is ``CrossEntropy``. With no labelled pixel the loss and its gradient are 0.
///
/// - Source: Lin et al. 2017, arXiv:1708.02002, with the softmax of several classes in place of the sigmoid.
public struct Focal: SegmentationLoss {
  /// The exponent g of what is missing to certainty.
  public let gamma: Double
  /// One weight a class; nil weighs all alike.
  public let classWeights: [Float]?

  /// Focal loss with an exponent of 0 or more and optional class weights `[K]`.
  public init(gamma: Double = 2, classWeights: [Float]? = nil) {
    precondition(gamma >= 0, "the exponent of a focal loss is not negative: \(gamma)")
    (self.gamma, self.classWeights) = (gamma, classWeights)
  }

  /// Computes the focal loss of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let weights = pixels.weights(classWeights)
    let count = Double(max(1, pixels.counts.reduce(0, +)))
    let plane = pixels.plane
    var sum = 0.0
    var slopes = Array(repeating: Float(0), count: targets.count)
    probabilities.withValues { probabilities in
      pixels.forEach { pixel, first, target in
        let probability = probabilities[first + target * plane]
        let (surprisal, missing) = (surprisal(probability), 1 - Double(probability))
        let weight = Double(weights[target]) / count
        let modulation = gamma == 2 ? missing * missing : pow(missing, gamma)
        sum += weight * modulation * surprisal
        // p dL/dp; -log p / (1 - p) goes to 1 as p does.
        let steepness = missing > 0 ? surprisal / missing : 1
        slopes[pixel] = -Float(weight * modulation * (1 + gamma * Double(probability) * steepness))
      }
    }
    return LossValue(value: sum, gradient: pixels.gradient(slopes: slopes, probabilities))
  }
}
