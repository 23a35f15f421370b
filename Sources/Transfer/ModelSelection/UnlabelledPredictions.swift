import Foundation

/// The uncertainty of a model about pixels without labels, and the spread of its predictions: scores that
/// choose among models.
public struct UnlabelledPredictions: Sendable {
  private let probabilities: [Float]
  private let classes: Int
  private var count: Int { probabilities.count / classes }

  /// Predictions for pixels.
  ///
  /// - Parameters:
  ///   - probabilities: `[N, K]`, of each pixel's classes, in 0...1, their sum 1.
  ///   - classes: `K`.
  public init(probabilities: [Float], classes: Int) {
    precondition(
      classes > 0 && probabilities.count % classes == 0,
      "\(probabilities.count) probabilities of \(classes) classes")
    (self.probabilities, self.classes) = (probabilities, classes)
  }

  /// Probabilities of pixel `index`.
  private func row(_ index: Int) -> [Double] {
    probabilities[index * classes..<(index + 1) * classes].map(Double.init)
  }

  /// The mean entropy of the predictions as a share of the largest that there can be, from 0 to 1; the lower,
  /// the surer.
  ///
  /// The trap: a model that calls every pixel by one class, and is sure of it, has the best score there is.
  /// NaN without pixels, where a probability is NaN, or with a single class.
  public var entropy: Double {
    let sum = (0..<count).reduce(0.0) { $0 + Self.entropy(row($1)) }
    return sum / Double(count) / log(Double(classes))
  }

  /// Soft neighbourhood density: how many others each pixel's prediction is like, as the mean entropy of its
  /// similarities to them; the higher, the better.
  ///
  /// Similarities are products of predictions brought to length 1, over the temperature, in a softmax over
  /// all other pixels. A model that has drawn its boundaries through the midst of what belongs together
  /// leaves pixels with few neighbours. At most log(N - 1), which a model that says the same of every pixel
  /// has, too: it must be ruled out by other means. NaN with fewer than two pixels, or where a probability is
  /// NaN.
  ///
  /// - Complexity: O(N^2 K).
  /// - Source: Saito et al. 2021, arXiv:2108.10860, with their temperature.
  public func softNeighbourhoodDensity(temperature: Double = 0.05) -> Double {
    let count = count
    guard count > 1 else { return .nan }
    let units = (0..<count).map { index in
      let row = row(index)
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
    let sum = (0..<count).reduce(0.0) { sum, own in
      let similarities = units.indices.filter { $0 != own }.map { other in
        zip(units[own], units[other]).reduce(0) { $0 + $1.0 * $1.1 } / temperature
      }
      let largest = similarities.reduce(-Double.infinity) { max($0, $1) }
      let weights = similarities.map { exp($0 - largest) }
      let total = weights.reduce(0, +)
      return sum + Self.entropy(weights.map { $0 / total })
    }
    return sum / Double(count)
  }

  private static func entropy(_ shares: [Double]) -> Double {
    shares.reduce(0) { $1 == 0 ? $0 : $0 - $1 * log($1) }
  }
}
