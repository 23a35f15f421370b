import Foundation
import Numerics
import Tensors

/// The value of a loss and its derivative with respect to the class scores.
public struct LossValue {
  /// The loss.
  public var value: Double
  /// Plain, `[N, K, H, W]`, like the scores.
  public var gradient: Tensor

  /// Creates a value and its derivative.
  package init(value: Double, gradient: Tensor) { (self.value, self.gradient) = (value, gradient) }

  /// Mixes this loss with another one of the same scores, which counts `share`, this one the rest to 1.
  public func mixed(with other: LossValue, share: Double) -> LossValue {
    let (kept, added) = (Float(1 - share), Float(share))
    let mixed = Tensor(shape: gradient.shape) { target in
      gradient.withValues { own in
        other.gradient.withValues { other in
          for index in target.indices { target[index] = kept * own[index] + added * other[index] }
        }
      }
    }
    return LossValue(value: (1 - share) * value + share * other.value, gradient: mixed)
  }
}

/// A loss that training minimises.
///
/// A loss is a value of softmax probabilities and per-pixel targets: class indices `0 ..< K`,
/// ``ClassIndex/none`` where there is no label.
///
/// The arithmetic runs on the host: ``Softmax/probabilities(_:)`` copies scores there from whatever device
/// they lie on, and the gradient is left in host memory, from which kernels of any device take it.
public protocol SegmentationLoss: Sendable {
  /// Returns the loss and its gradient with respect to the *scores before the softmax*.
  ///
  /// - Parameters:
  ///   - probabilities: plain `[N, K, H, W]`, softmax over K.
  ///   - targets: `[N, H, W]` row-major, class index or ``ClassIndex/none``.
  func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue
}

/// Softmax over the classes.
public enum Softmax {
  /// Returns the probabilities of plain scores `[N, K, H, W]`; each pixel's sum to 1. NaN scores give NaN.
  public static func probabilities(_ scores: Tensor) -> Tensor {
    let (classes, plane) = (scores.shape.channels, scores.shape.height * scores.shape.width)
    return Tensor(shape: scores.shape) { target in
      scores.withValues { source in
        // A chunk of pixels at a time stays in the cache while its classes are walked thrice.
        let chunk = 1024
        let chunks = (plane + chunk - 1) / chunk
        nonisolated(unsafe) let (source, target) = (source.baseAddress!, target.baseAddress!)
        parallelLoop(scores.shape.batch * chunks) { index in
          let start = index / chunks * classes * plane + index % chunks * chunk
          let count = min(chunk, plane - index % chunks * chunk)
          normalize(source + start, target + start, count: count, classes: classes, plane: plane)
        }
      }
    }
  }

  private static func normalize(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, count: Int, classes: Int,
    plane: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { scratch in
      let (largest, sum) = (scratch.baseAddress!, scratch.baseAddress! + count)
      largest.update(from: source, count: count)
      for index in 1..<classes {
        let row = source + index * plane
        for pixel in 0..<count { largest[pixel] = max(largest[pixel], row[pixel]) }
      }
      sum.update(repeating: 0, count: count)
      for index in 0..<classes {
        let (row, output) = (source + index * plane, target + index * plane)
        for pixel in 0..<count { output[pixel] = row[pixel] - largest[pixel] }
        takeExponentials(output, count: count)
        for pixel in 0..<count { sum[pixel] += output[pixel] }
      }
      for index in 0..<classes {
        let output = target + index * plane
        for pixel in 0..<count { output[pixel] /= sum[pixel] }
      }
    }
  }
}

/// A sum of losses with weights.
public struct WeightedLosses: SegmentationLoss {
  private let terms: [(loss: any SegmentationLoss, weight: Double)]

  /// Creates the sum of `weight` x `loss`; at least one.
  public init(_ terms: [(loss: any SegmentationLoss, weight: Double)]) {
    precondition(!terms.isEmpty, "a sum of losses needs at least one")
    self.terms = terms
  }

  /// Computes the weighted sum of the losses and of their gradients with respect to the scores.
  public func evaluate(probabilities: Tensor, targets: [UInt8]) -> LossValue {
    let total = LossValue(value: 0, gradient: Tensor(repeating: 0, shape: probabilities.shape))
    return terms.reduce(into: total) { total, term in
      let part = term.loss.evaluate(probabilities: probabilities, targets: targets)
      total.value += term.weight * part.value
      part.gradient.withValues { part in
        total.gradient.mutate { sum in
          for index in sum.indices { sum[index] += Float(term.weight) * part[index] }
        }
      }
    }
  }
}
