import Classes
import Numerics
import Tensors

/// The labelled pixels of a batch: what a loss walks over.
///
/// A pixel has a place in the targets, `[N, H, W]`, and one element a class in the probabilities,
/// `[N, K, H, W]`: the first of them, that of class 0, and the others each a plane further.
struct LabelledPixels {
  private let targets: [UInt8]
  private let shape: Shape

  /// Creates the pixels of `targets` that have a label; as many targets as `probabilities` has pixels.
  init(_ targets: [UInt8], of probabilities: Tensor) {
    (self.targets, shape) = (targets, probabilities.shape)
    precondition(targets.count == shape.batch * plane, "\(targets.count) targets for scores \(shape)")
  }

  /// Pixels of a chip: how far apart the elements of neighbouring classes are.
  var plane: Int { shape.height * shape.width }

  /// Labelled pixels of each class, `[K]`.
  var counts: [Int] {
    var counts = Array(repeating: 0, count: shape.channels)
    for target in targets where target != ClassIndex.none { counts[Int(target)] += 1 }
    return counts
  }

  /// One weight a class, `[K]`; all alike where none are given.
  func weights(_ classWeights: [Float]?) -> [Float] {
    let weights = classWeights ?? Array(repeating: 1, count: shape.channels)
    precondition(weights.count == shape.channels, "\(weights.count) class weights for scores \(shape)")
    return weights
  }

  /// Calls `body` with each labelled pixel's place, its first element and its class, in the order of places.
  func forEach(_ body: (_ pixel: Int, _ first: Int, _ target: Int) -> Void) {
    for image in 0..<shape.batch {
      forEach(in: image * plane..<(image + 1) * plane, of: image, body)
    }
  }

  /// Returns the gradient with respect to the scores of a loss that is a function of each pixel's own
  /// probability p of its class.
  ///
  /// Through the softmax: ds[k] = p dL/dp ([k is the target] - p[k]).
  ///
  /// - Parameter slopes: p dL/dp of each pixel, `[N, H, W]`; 0 for those without a label.
  func gradient(slopes: [Float], _ probabilities: Tensor) -> Tensor {
    Tensor(shape: shape) { gradient in
      probabilities.withValues { probabilities in
        slopes.withUnsafeBufferPointer { slopes in
          parallelRuns { _, image, pixels in
            for index in 0..<shape.channels {
              let ahead = (image * (shape.channels - 1) + index) * plane
              for pixel in pixels {
                // Not a product with 0: what is not a number at a pixel without a label stays there.
                let slope = slopes[pixel]
                gradient[ahead + pixel] = slope == 0 ? 0 : -slope * probabilities[ahead + pixel]
              }
            }
            forEach(in: pixels, of: image) { pixel, first, target in
              gradient[first + target * plane] += slopes[pixel]
            }
          }
        }
      }
    }
  }

  /// Returns the gradient with respect to the scores of a loss whose derivatives with respect to the
  /// probabilities are d.
  ///
  /// Through the softmax: ds[k] = p[k] (d[k] - sum p[j] d[j]).
  ///
  /// - Parameter derivatives: writes d of one class for a run of pixels, given the class, the element of the
  ///   first pixel and the pixels' targets; what it writes for pixels without a label does not matter. It is
  ///   called on several threads, twice for each run.
  func gradient(
    _ probabilities: Tensor,
    derivatives: (
      _ class: Int, _ element: Int, _ targets: UnsafeBufferPointer<UInt8>, _ d: UnsafeMutablePointer<Double>
    ) -> Void
  ) -> Tensor {
    Tensor(shape: shape) { gradient in
      probabilities.withValues { probabilities in
        targets.withUnsafeBufferPointer { targets in
          parallelRuns { _, image, pixels in
            let targets = UnsafeBufferPointer(rebasing: targets[pixels])
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * pixels.count) { memory in
              let (d, mean) = (memory.baseAddress!, memory.baseAddress! + pixels.count)
              mean.update(repeating: 0, count: pixels.count)
              for index in 0..<shape.channels {
                let element = (image * (shape.channels - 1) + index) * plane + pixels.lowerBound
                derivatives(index, element, targets, d)
                for pixel in targets.indices {
                  mean[pixel] += d[pixel] * Double(probabilities[element + pixel])
                }
              }
              for index in 0..<shape.channels {
                let element = (image * (shape.channels - 1) + index) * plane + pixels.lowerBound
                derivatives(index, element, targets, d)
                for pixel in targets.indices {
                  let value = Float(Double(probabilities[element + pixel]) * (d[pixel] - mean[pixel]))
                  gradient[element + pixel] = targets[pixel] == ClassIndex.none ? 0 : value
                }
              }
            }
          }
        }
      }
    }
  }

  /// Returns the sum of what `body` gives for runs of pixels, which it is called with on several threads: the
  /// image and the places.
  ///
  /// Runs are of one length and added in order, so that the sum does not depend on the number of threads.
  func parallelSum(_ body: (_ image: Int, _ pixels: Range<Int>) -> Double) -> Double {
    var sums = Array(repeating: 0.0, count: runs)
    sums.withUnsafeMutableBufferPointer { sums in
      parallelRuns { run, image, pixels in sums[run] = body(image, pixels) }
    }
    return sums.reduce(0, +)
  }

  /// Calls `body` as ``forEach(_:)`` does, for the pixels of one image at `pixels`.
  func forEach(
    in pixels: Range<Int>, of image: Int, _ body: (_ pixel: Int, _ first: Int, _ target: Int) -> Void
  ) {
    let ahead = image * (shape.channels - 1) * plane
    targets.withUnsafeBufferPointer { targets in
      for pixel in pixels where targets[pixel] != ClassIndex.none {
        body(pixel, ahead + pixel, Int(targets[pixel]))
      }
    }
  }

  /// A run of pixels stays in the cache while its classes are walked.
  private static let run = 1024
  private var runsOfImage: Int { (plane + Self.run - 1) / Self.run }
  private var runs: Int { shape.batch * runsOfImage }

  private func parallelRuns(_ body: (_ run: Int, _ image: Int, _ pixels: Range<Int>) -> Void) {
    parallelLoop(runs) { run in
      let image = run / runsOfImage
      let start = image * plane + run % runsOfImage * Self.run
      body(run, image, start..<min(start + Self.run, (image + 1) * plane))
    }
  }
}
