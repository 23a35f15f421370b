import Foundation
import Learners
import Numerics
import Tensors

/// The logarithms of a classifier's probabilities, `[N, K, H, W]`, for the features of each pixel,
/// `[N, D, H, W]`: scores whose softmax is what the classifier says.
///
/// A class that the classifier finds impossible has a finite score, so that networks of several heads can
/// average it. A feature that is not finite counts as 0.
struct LearnedHead: PlainOperation {
  /// The classifier; nil of a network that waits for its tensors, whose shapes alone are known.
  let classifier: (any Classifier)?
  let features: Int
  let classes: Int

  /// The score of an impossible class.
  private static let least: Float = -30

  func shape(of inputs: [Shape]) -> Shape {
    precondition(
      inputs.count == 1 && inputs[0].rank == 4 && inputs[0].channels == features,
      "a classifier of \(features) features cannot read \(inputs)")
    return [inputs[0].batch, classes, inputs[0].height, inputs[0].width]
  }

  func compute(_ inputs: [Tensor], into result: Tensor) {
    guard let classifier else { preconditionFailure("a classifier without its tensors") }
    let shape = inputs[0].shape
    let (plane, block) = (shape.height * shape.width, classifier.preferredRows)
    let blocks = (plane + block - 1) / block
    nonisolated(unsafe) let (values, answers) = (inputs[0].hostValues, result.hostValues)
    parallelLoop(shape.batch * blocks) { index in
      let (image, first) = (index / blocks, index % blocks * block)
      let count = min(block, plane - first)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (features + classes)) { scratch in
        let rows = scratch.baseAddress!
        let probabilities = rows + count * features
        for feature in 0..<features {
          let own = values + (image * features + feature) * plane + first
          for pixel in 0..<count {
            rows[pixel * features + feature] = own[pixel].isFinite ? own[pixel] : 0
          }
        }
        classifier.classify(rows, count: count, into: probabilities)
        for index in 0..<classes {
          let own = answers + (image * classes + index) * plane + first
          for pixel in 0..<count {
            own[pixel] = max(Self.least, log(probabilities[pixel * classes + index]))
          }
        }
      }
    }
  }

  /// Traps: no training goes through a classifier that was learned by itself.
  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    preconditionFailure("no gradient goes through a classifier of features")
  }
}
