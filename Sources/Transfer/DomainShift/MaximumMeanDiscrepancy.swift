import Foundation

extension FeatureSample {
  /// Returns the squared maximum mean discrepancy to another sample, without bias: the mean of five Gaussian
  /// kernels exp(-|a - b|^2 / (2 s 2^k)), k from -2 to 2, over the pairs within each sample, less twice that
  /// over the pairs between them. s is the median squared distance between pixels of both samples together.
  ///
  /// 0 on average between samples of one distribution, so that it may be below 0; at most 2. NaN where a
  /// sample has fewer than two pixels, or a feature is not finite. Where all pixels are alike it is 0.
  ///
  /// - Complexity: O((n + m)^2 d).
  /// - Source: Gretton et al. 2012, J. Mach. Learn. Res. 13, 723-773, lemma 6; the kernels: Long et al. 2015,
  ///   arXiv:1502.02791.
  public func squaredMMD(to other: FeatureSample) -> Double {
    guard count > 1 && other.count > 1 else { return .nan }
    let both = joined(with: other)
    guard both.values.allSatisfy(\.isFinite) else { return .nan }
    let distances = both.squaredDistances()
    let scale = Self.median(distances)
    // Most pixels may be one and the same; then the mean distance stands in for the median of 0.
    let mean = distances.reduce(0, +) / Double(distances.count)
    let bandwidth = scale > 0 ? scale : mean
    guard bandwidth > 0 else { return 0 }
    var sums = (within: 0.0, withinOther: 0.0, between: 0.0)
    var place = 0
    for first in 0..<both.count {
      for second in first + 1..<both.count {
        let kernel = Self.kernel(distances[place] / bandwidth)
        place += 1
        if second < count {
          sums.within += kernel
        } else if first >= count {
          sums.withinOther += kernel
        } else {
          sums.between += kernel
        }
      }
    }
    let (n, m) = (Double(count), Double(other.count))
    return 2 * sums.within / (n * (n - 1)) + 2 * sums.withinOther / (m * (m - 1)) - 2 * sums.between / (n * m)
  }

  /// Returns the mean of the five kernels at a squared distance in units of the bandwidth; each is the square
  /// of the next wider one.
  private static func kernel(_ distance: Double) -> Double {
    var kernel = exp(-distance / 8)
    var sum = kernel
    for _ in 0..<4 {
      kernel *= kernel
      sum += kernel
    }
    return sum / 5
  }

  /// Squared distances of all pairs (0, 1), (0, 2), ..., (1, 2), ...
  private func squaredDistances() -> [Double] {
    let (count, width) = (count, width)
    return [Double](unsafeUninitializedCapacity: count * (count - 1) / 2) { distances, filled in
      values.withUnsafeBufferPointer { values in
        for first in 0..<count {
          for second in first + 1..<count {
            var sum = 0.0
            for feature in 0..<width {
              let difference = values[first * width + feature] - values[second * width + feature]
              sum += difference * difference
            }
            distances[filled] = sum
            filled += 1
          }
        }
      }
    }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
