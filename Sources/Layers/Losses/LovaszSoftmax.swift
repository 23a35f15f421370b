import Numerics
import Tensors

/// Lovász-softmax: a convex extension of 1 - IoU, the mean over the classes present in the batch.
///
/// Of each class the errors |g - p| of all labelled pixels of the batch are sorted, largest first; each
/// counts by how much 1 - IoU grows when its pixel joins those that are taken to be wrong. Equal errors come
/// in the order of their pixels. Unlabelled pixels count nowhere. With no labelled pixel the loss and its
/// gradient are 0. One sort of all pixels a class.
///
/// - Source: Berman et al. 2018, arXiv:1705.08790.
public struct LovaszSoftmax: SegmentationLoss {
  /// Lovász-softmax has no options.
  public init() {}

  /// Computes the Lovász-softmax of a batch and its gradient with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let pixels = LabelledPixels(targets, of: probabilities)
    let (plane, counts) = (pixels.plane, pixels.counts)
    let present = counts.indices.filter { counts[$0] > 0 }
    guard !present.isEmpty else {
      return LossValue(value: 0, gradient: Tensor(repeating: 0, shape: probabilities.shape))
    }
    var labelled: [(first: Int, target: Int)] = []
    labelled.reserveCapacity(counts.reduce(0, +))
    pixels.forEach { _, first, target in labelled.append((first, target)) }

    // Derivatives with respect to the probabilities; an absent class has none.
    let derivatives = Tensor(repeating: 0, shape: probabilities.shape)
    var losses = Array(repeating: 0.0, count: present.count)
    derivatives.mutate { derivatives in
      probabilities.withValues { probabilities in
        losses.withUnsafeMutableBufferPointer { losses in
          parallelLoop(present.count) { slot in
            let index = present[slot]
            losses[slot] = extend(
              labelled, index, count: counts[index], share: 1 / Double(present.count),
              UnsafeBufferPointer(rebasing: probabilities[(index * plane)...]),
              UnsafeMutableBufferPointer(rebasing: derivatives[(index * plane)...]))
          }
        }
      }
    }
    let gradient = derivatives.withValues { derivatives in
      pixels.gradient(probabilities) { _, element, targets, d in
        for pixel in targets.indices { d[pixel] = Double(derivatives[element + pixel]) }
      }
    }
    return LossValue(value: losses.reduce(0, +), gradient: gradient)
  }

  /// Returns the loss of one class, times `share`, and its derivatives; probabilities and derivatives start
  /// at the class's plane.
  private func extend(
    _ labelled: [(first: Int, target: Int)], _ index: Int, count: Int, share: Double,
    _ probabilities: UnsafeBufferPointer<Float>, _ derivatives: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: labelled.count) { errors in
      for (place, pixel) in labelled.enumerated() {
        let probability = probabilities[pixel.first]
        errors[place] = pixel.target == index ? 1 - probability : probability
      }
      var (loss, before) = (0.0, 0.0)
      // Pixels of the class that are still right, and the union of class and prediction.
      var (right, union) = (count, count)
      for place in descendingOrder(of: UnsafeBufferPointer(errors)) {
        let pixel = labelled[Int(place)]
        let isOwn = pixel.target == index
        if isOwn { right -= 1 } else { union += 1 }
        let distance = 1 - Double(right) / Double(union)
        let growth = share * (distance - before)
        before = distance
        loss += growth * Double(errors[Int(place)])
        derivatives[pixel.first] = Float(isOwn ? -growth : growth)
      }
      return loss
    }
  }
}
