import Foundation
import Numerics

extension LabelledFeatures {
  /// Logarithm of maximum evidence: how probable the labels are under a linear model of the features,
  /// whatever its weights, a sample, on average over the classes that occur.
  ///
  /// Each class is a target y of 1 and 0. Its evidence is that of y = F w + noise, weights normal with
  /// precision a, noise normal with precision b; a and b are what makes it largest, found by MacKay's
  /// iteration, a <- g / |m|^2 and b <- (n - g) / |y - F m|^2, until neither changes. Features are not
  /// centred.
  ///
  /// Directions of features weaker than 1e-6 of the strongest count as absent, and a fit closer than 1e-5 of
  /// |y| as that close, so that labels which features explain exactly have a finite score. NaN where there is
  /// no sample, or a feature is not finite.
  ///
  /// - Complexity: O(n d^2 + d^3), and O(n d) a class.
  /// - Source: You et al. 2021, arXiv:2102.11005; the iteration: MacKay 1992, doi:10.1162/neco.1992.4.3.415.
  public var logME: Double {
    guard count > 0 else { return .nan }
    let features = DoubleMatrix(values, rows: count, columns: width)
    guard let decomposition = SymmetricEigendecomposition(features.gram()) else { return .nan }
    let sum = members.reduce(0.0) { sum, samples in
      var target = [Double](repeating: 0, count: count)
      for sample in samples { target[sample] = 1 }
      return sum + Evidence(of: target, features, decomposition).largest()
    }
    return sum / Double(members.count) / Double(count)
  }
}

/// The evidence of one target, in the coordinates of the features' principal directions, where it takes sums
/// over directions only.
private struct Evidence {
  private let count: Double
  /// Squared lengths of the features along each direction that is present.
  private let strengths: [Double]
  /// The target's squared component in each direction.
  private let components: [Double]
  /// The target's squared distance from all that the features can give.
  private let remainder: Double
  /// The squared length of the target.
  private let length: Double

  init(of target: [Double], _ features: DoubleMatrix, _ directions: SymmetricEigendecomposition) {
    count = Double(target.count)
    let least = 1e-12 * (directions.values.last ?? 0)
    let present = directions.values.indices.filter { directions.values[$0] > max(least, 0) }
    strengths = present.map { directions.values[$0] }
    let products = directions.vectors.times(features.transposedTimes(target))
    components = present.map { products[$0] * products[$0] / directions.values[$0] }
    // The distance is taken from the fit itself: as a difference of squares a small one would be lost.
    var weights = [Double](repeating: 0, count: products.count)
    for index in present { weights[index] = products[index] / directions.values[index] }
    let fit = features.times(directions.vectors.transposedTimes(weights))
    remainder = zip(target, fit).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    length = target.reduce(0) { $0 + $1 * $1 }
  }

  /// Returns the logarithm of the largest evidence over both precisions.
  func largest() -> Double {
    guard let strongest = strengths.last else {
      // Features of 0 leave only noise.
      return count / 2 * (log(count / length) - 1 - log(2 * .pi))
    }
    var (weight, noise) = (count / length * strongest / count, count / length)
    for _ in 0..<10_000 {
      let fit = Fit(self, weight: weight, noise: noise)
      // Useless features would make the weights' precision endless.
      let next = (
        weight: min(fit.parameters / fit.weights, 1e10 * noise * strongest),
        noise: max(count - fit.parameters, 1e-10 * count) / fit.residual
      )
      let change = max(abs(log(next.weight / weight)), abs(log(next.noise / noise)))
      (weight, noise) = next
      if change < 1e-9 { break }
    }
    return Fit(self, weight: weight, noise: noise).logarithm
  }

  /// The most probable weights under two precisions.
  private struct Fit {
    /// The number of parameters that the data determine, g.
    var parameters = 0.0
    /// The squared length of the weights, |m|^2.
    var weights = 0.0
    /// |y - F m|^2.
    var residual: Double
    /// The logarithm of the evidence.
    let logarithm: Double

    init(_ evidence: Evidence, weight: Double, noise: Double) {
      residual = evidence.remainder
      var determinant = 0.0
      for (strength, component) in zip(evidence.strengths, evidence.components) {
        let kept = noise * strength / (weight + noise * strength)
        parameters += kept
        weights += kept * kept * component / strength
        residual += (1 - kept) * (1 - kept) * component
        determinant += log1p(noise * strength / weight)
      }
      residual = max(residual, 1e-10 * evidence.length)
      logarithm =
        (evidence.count * log(noise / (2 * .pi)) - determinant - noise * residual - weight * weights) / 2
    }
  }
}
