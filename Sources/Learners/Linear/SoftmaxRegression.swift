import Foundation
import Numerics

/// The linear map that makes cost x (sum of the samples' cross-entropies) + |weights|^2 / 2 smallest;
/// intercepts are free.
///
/// Features are expected standardised. Sums run in Double over chunks of samples in their order, whatever
/// thread computes them.
package struct SoftmaxRegression: Learner {
  /// The weight of the samples against that of small weights, above 0.
  package var cost: Double
  /// Whether each class counts as much as any other.
  package var balancesClasses: Bool

  /// Creates a learner of softmax regressions.
  package init(cost: Double = 1, balancesClasses: Bool = false) {
    (self.cost, self.balancesClasses) = (cost, balancesClasses)
  }

  package func learn(_ table: FeatureTable, seed: UInt64, isCancelled: () -> Bool) throws -> Learned {
    let counts = table.counts
    let present = counts.indices.filter { counts[$0] > 0 }
    guard !present.isEmpty else { throw LearningFault("there is no sample to learn from") }
    let problem = Problem(table, present: present, cost: cost, balances: balancesClasses)
    // Of the mean over the samples, as scikit-learn has it.
    let descent = QuasiNewtonDescent(tolerance: 1e-5 * cost * Double(table.count))
    let found =
      present.count == 1
      ? problem.start : try descent.minimum(from: problem.start, isCancelled: isCancelled, problem.value)
    let (width, classes) = (table.width, table.classCount)
    var weights = [Float](repeating: 0, count: classes * width)
    var intercepts = [Float](repeating: LinearClassifier.unseen, count: classes)
    for (row, index) in present.enumerated() {
      for feature in 0..<width {
        weights[index * width + feature] = Float(found[row * (width + 1) + feature])
      }
      intercepts[index] = Float(found[row * (width + 1) + width])
    }
    return Learned(classifier: LinearClassifier(weights: weights, intercepts: intercepts))
  }

  /// The function that is made smallest, over rows of weights with their intercept.
  private struct Problem {
    private let table: FeatureTable
    private let targets: [Int]
    private let shares: [Double]
    private let classes: Int
    private static let chunk = 512

    init(_ table: FeatureTable, present: [Int], cost: Double, balances: Bool) {
      self.table = table
      classes = present.count
      let counts = table.counts
      targets = table.classes.map { present.firstIndex(of: Int($0))! }
      shares = table.classes.map {
        cost * (balances ? Double(table.count) / (Double(present.count) * Double(counts[Int($0)])) : 1)
      }
    }

    var start: [Double] { Array(repeating: 0, count: classes * (table.width + 1)) }

    func value(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
      let (width, columns) = (table.width, table.width + 1)
      let chunks = (table.count + Self.chunk - 1) / Self.chunk
      let size = classes * columns + 1
      // The gradient of each chunk, with its value behind it.
      var parts = [Double](repeating: 0, count: chunks * size)
      parts.withUnsafeMutableBufferPointer { parts in
        nonisolated(unsafe) let parts = parts.baseAddress!
        parallelLoop(chunks) { chunk in
          let part = parts + chunk * size
          withUnsafeTemporaryAllocation(of: Double.self, capacity: classes) { scores in
            for sample in chunk * Self.chunk..<min(table.count, (chunk + 1) * Self.chunk) {
              table.values.withUnsafeBufferPointer { values in
                let row = values.baseAddress! + sample * width
                var largest = -Double.infinity
                for index in 0..<classes {
                  var score = parameters[index * columns + width]
                  for feature in 0..<width {
                    score += parameters[index * columns + feature] * Double(row[feature])
                  }
                  scores[index] = score
                  largest = max(largest, score)
                }
                var total = 0.0
                for index in 0..<classes { total += exp(scores[index] - largest) }
                let share = shares[sample]
                part[size - 1] += share * (largest + log(total) - scores[targets[sample]])
                for index in 0..<classes {
                  let probability = exp(scores[index] - largest) / total
                  let slope = share * (probability - (index == targets[sample] ? 1 : 0))
                  let own = part + index * columns
                  for feature in 0..<width { own[feature] += slope * Double(row[feature]) }
                  own[width] += slope
                }
              }
            }
          }
        }
      }
      var gradient = [Double](repeating: 0, count: size)
      for chunk in 0..<chunks {
        for place in 0..<size { gradient[place] += parts[chunk * size + place] }
      }
      var value = gradient.removeLast()
      for index in 0..<classes {
        for feature in 0..<width {
          let weight = parameters[index * columns + feature]
          value += weight * weight / 2
          gradient[index * columns + feature] += weight
        }
      }
      return (value, gradient)
    }
  }
}
