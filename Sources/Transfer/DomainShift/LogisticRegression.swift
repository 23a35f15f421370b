import Foundation
import Numerics

/// A linear classifier of two classes: the weights w and the intercept b that make
/// |w|^2 / 2 + sum of c log(1 + exp(-y (x w + b))) smallest, y being 1 or -1 and c how much a sample counts.
///
/// Found by Newton's method, each step by conjugate gradients, so that no matrix of the features' width is
/// made.
struct LogisticRegression {
  /// One a feature, then the intercept.
  private let parameters: [Double]

  /// Fits the classifier.
  ///
  /// - Parameters:
  ///   - sample: `[n, d]`.
  ///   - isPositive: the class of each pixel.
  ///   - shares: how much each pixel counts.
  /// - Complexity: O(n d) a product of the Hessian, some tens of them.
  init(_ sample: FeatureSample, isPositive: [Bool], shares: [Double]) {
    let problem = Problem(sample, isPositive: isPositive, shares: shares)
    var parameters = [Double](repeating: 0, count: sample.width + 1)
    var value = problem.value(parameters)
    var first: Double?
    for _ in 0..<100 {
      let (gradient, curvature) = problem.gradient(parameters)
      let size = Self.norm(gradient)
      first = first ?? size
      guard size > 1e-10 * max(first!, 1e-300) else { break }
      let step = problem.newtonStep(gradient, curvature)
      // The objective is convex and smooth: halving ends, unless the numbers are exhausted.
      var (share, isBetter) = (1.0, false)
      for _ in 0..<40 {
        let moved = zip(parameters, step).map { $0 - share * $1 }
        let next = problem.value(moved)
        if next < value {
          (parameters, value, isBetter) = (moved, next, true)
          break
        }
        share /= 2
      }
      guard isBetter else { break }
    }
    self.parameters = parameters
  }

  /// Above 0 for the positive class.
  func score(_ features: ArraySlice<Double>) -> Double {
    zip(features, parameters).reduce(parameters.last!) { $0 + $1.0 * $1.1 }
  }

  fileprivate static func norm(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// The objective over given pixels.
  private struct Problem {
    /// The features with a column of ones for the intercept.
    private let features: DoubleMatrix
    private let isPositive: [Bool]
    private let shares: [Double]

    init(_ sample: FeatureSample, isPositive: [Bool], shares: [Double]) {
      features = DoubleMatrix(
        (0..<sample.count).flatMap { sample.row($0) + [1] }, rows: sample.count, columns: sample.width + 1)
      (self.isPositive, self.shares) = (isPositive, shares)
    }

    /// Returns the parameters that are held small: all but the intercept.
    private func held(_ parameters: [Double]) -> [Double] { parameters.dropLast() + [0] }

    func value(_ parameters: [Double]) -> Double {
      let scores = features.times(parameters)
      let loss = scores.indices.reduce(0.0) { sum, index in
        let margin = isPositive[index] ? scores[index] : -scores[index]
        // log(1 + exp(-m)) without overflow.
        return sum + shares[index] * (max(0, -margin) + log1p(exp(-abs(margin))))
      }
      return loss + held(parameters).reduce(0) { $0 + $1 * $1 } / 2
    }

    /// Returns the gradient, and by how much each pixel bends the objective.
    func gradient(_ parameters: [Double]) -> (gradient: [Double], curvature: [Double]) {
      let probabilities = features.times(parameters).map { 1 / (1 + exp(-$0)) }
      let pulls = probabilities.indices.map {
        shares[$0] * (probabilities[$0] - (isPositive[$0] ? 1 : 0))
      }
      let gradient = zip(features.transposedTimes(pulls), held(parameters)).map { $0 + $1 }
      return (
        gradient, probabilities.indices.map { shares[$0] * probabilities[$0] * (1 - probabilities[$0]) }
      )
    }

    /// Returns the solution of H s = g by conjugate gradients.
    func newtonStep(_ gradient: [Double], _ curvature: [Double]) -> [Double] {
      func product(_ vector: [Double]) -> [Double] {
        let bent = zip(features.times(vector), curvature).map { $0 * $1 }
        return zip(features.transposedTimes(bent), held(vector)).map { $0 + $1 }
      }
      var solution = [Double](repeating: 0, count: gradient.count)
      var (residual, direction) = (gradient, gradient)
      var size = residual.reduce(0) { $0 + $1 * $1 }
      let least = 1e-20 * size
      for _ in 0..<2 * gradient.count + 10 where size > least {
        let bent = product(direction)
        let curve = zip(direction, bent).reduce(0) { $0 + $1.0 * $1.1 }
        guard curve > 0 else { break }
        let length = size / curve
        for index in solution.indices {
          solution[index] += length * direction[index]
          residual[index] -= length * bent[index]
        }
        let next = residual.reduce(0) { $0 + $1 * $1 }
        direction = zip(residual, direction).map { $0 + next / size * $1 }
        size = next
      }
      return solution
    }
  }
}
