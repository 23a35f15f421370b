import Foundation
import Models
import Tensors

/// Multi-kernel maximum mean discrepancy: pulls the distributions of two domains' features together.
///
/// The loss is weight x MMD^2, unbiased (it may be below 0), between at most so many pixels of each domain,
/// with the sum of five Gaussian kernels k(a, b) = exp(-|a - b|^2 / 2 s^2), s^2 = m^2 x 2^-2 ... 2^2, where m
/// is the median distance of all pairs. m counts as a constant: the way back does not go through it.
///
/// - Source: Long et al. 2015, arXiv:1502.02791 (DAN); Gretton et al. 2012 for the estimate and the median.
public struct MeanDiscrepancy: AlignmentTerm {
  /// The weight of the loss.
  public let weight: Double
  /// The most pixels of a domain; time grows with their square.
  public let pixels: Int

  /// Discrepancy of at most `pixels` of each domain, with a weight.
  public init(weight: Double, pixels: Int) { (self.weight, self.pixels) = (weight, pixels) }

  /// Adds the gradients of the discrepancy to both domains' features, and returns the loss.
  public func add(to step: JointStep, target: NetworkOutput) -> Double {
    let kernels = step.kernels
    var random = step.random
    let samples = [(step.labelled, step.output), (step.unlabelled, target)].map { batch, output in
      PixelSample(of: batch, features: output.features.tensor.shape, count: pixels, random: &random)
    }
    guard samples.allSatisfy({ $0.count > 1 }) else { return 0 }
    let found = Self.evaluate(
      samples[0].rows(of: kernels.plain(step.output.features.tensor)),
      samples[1].rows(of: kernels.plain(target.features.tensor)), kernels)
    step.add(samples[0].maps(of: found.gradients.source), times: weight, to: step.output.features)
    step.add(samples[1].maps(of: found.gradients.target), times: weight, to: target.features)
    return weight * found.value
  }

  /// MMD^2 of rows `[n, D]` and `[m, D]`, two at least of each, and its gradients; 0 where all rows are the
  /// same.
  package static func evaluate(_ source: Tensor, _ target: Tensor, _ kernels: any AdjointKernels) -> (
    value: Double, gradients: (source: Tensor, target: Tensor)
  ) {
    let (n, m, width) = (source.shape[0], target.shape[0], source.shape[1])
    let count = n + m
    let rows = Tensor(source.values + target.values, shape: [count, width])
    let distances = squaredDistances(rows)
    guard let scale = medianSquare(distances, count) else {
      return (0, (Tensor(repeating: 0, shape: source.shape), Tensor(repeating: 0, shape: target.shape)))
    }
    let (own, others, between) = (
      1 / Double(n * (n - 1)), 1 / Double(m * (m - 1)), -1 / Double(n * m)
    )
    // With c the share of a pair in MMD^2, the gradient of row a is -2 (sum over b of c w (a - b)), w = sum
    // of k / s^2.
    var value = 0.0
    var sums = Array(repeating: 0.0, count: count)
    let pulls = Tensor(shape: [count, count]) { pulls in
      for a in 0..<count {
        pulls[a * count + a] = 0
        for b in 0..<count where b != a {
          let share = a < n && b < n ? own : a >= n && b >= n ? others : between
          // Each kernel is the square of the next wider one, so that one exponential serves all.
          var kernel = exp(-distances[a * count + b] / (8 * scale))
          var (sum, pull, variance) = (0.0, 0.0, 4 * scale)
          for _ in 0..<5 {
            sum += kernel
            pull += kernel / variance
            (kernel, variance) = (kernel * kernel, variance / 2)
          }
          value += share * sum
          sums[a] += share * pull
          pulls[a * count + b] = Float(2 * share * pull)
        }
      }
    }
    let product = kernels.matrixProduct(pulls, rows, transposeLeft: false, transposeRight: false)
    let values = rows.values
    let gradient = product.values.enumerated().map { index, pulled in
      pulled - Float(2 * sums[index / width]) * values[index]
    }
    return (
      value,
      (
        Tensor(Array(gradient[..<(n * width)]), shape: source.shape),
        Tensor(Array(gradient[(n * width)...]), shape: target.shape)
      )
    )
  }

  private static func squaredDistances(_ rows: Tensor) -> [Double] {
    let (count, width) = (rows.shape[0], rows.shape[1])
    var distances = Array(repeating: 0.0, count: count * count)
    rows.withValues { rows in
      for a in 0..<count {
        for b in 0..<a {
          var sum: Float = 0
          for column in 0..<width {
            let difference = rows[a * width + column] - rows[b * width + column]
            sum += difference * difference
          }
          (distances[a * count + b], distances[b * count + a]) = (Double(sum), Double(sum))
        }
      }
    }
    return distances
  }

  /// Returns the square of the median distance of two different rows, the mean of the middle two where their
  /// number is even; nil for 0.
  private static func medianSquare(_ distances: [Double], _ count: Int) -> Double? {
    var pairs: [Double] = []
    for a in 0..<count { pairs += distances[a * count..<a * count + a] }
    pairs.sort()
    let median = (pairs[(pairs.count - 1) / 2].squareRoot() + pairs[pairs.count / 2].squareRoot()) / 2
    return median > 0 ? median * median : nil
  }
}
