/// The accuracy with which a linear classifier tells the pixels of two domains apart, on chips that it has
/// not seen.
public struct DomainSeparation: Sendable {
  /// The share of the pixels that it finds the domain of, the mean of both domains: 0.5 where they cannot be
  /// told apart.
  public let accuracy: Double

  /// The proxy of the A-distance, 2 (1 - 2 error): 0 where the domains cannot be told apart, 2 where they lie
  /// apart; a little below 0 by chance.
  ///
  /// - Source: Ben-David et al. 2007, doi:10.7551/mitpress/7503.003.0022.
  public var proxyADistance: Double { 2 * (1 - 2 * (1 - accuracy)) }

  /// Classifies by logistic regression, five parts of the chips in turn held out; both domains count the
  /// same, whatever their numbers of pixels.
  ///
  /// Nil where a domain has pixels of one chip only, or a feature is not finite.
  ///
  /// - Complexity: five fits of ``LogisticRegression``.
  public init?(_ source: FeatureSample, _ target: FeatureSample) {
    let both = source.joined(with: target)
    let (ours, theirs) = (Self.parts(source.chips), Self.parts(target.chips))
    let parts = min(5, ours.count, theirs.count)
    guard parts > 1, both.values.allSatisfy(\.isFinite) else { return nil }
    let part = (ours.ofPixel + theirs.ofPixel).map { $0 % parts }
    let isTarget = (0..<both.count).map { $0 >= source.count }
    var right = (source: 0, target: 0)
    for held in 0..<parts {
      let training = part.indices.filter { part[$0] != held }
      let targets = training.count { isTarget[$0] }
      let shares = training.map { index in
        Double(training.count) / Double(2 * (isTarget[index] ? targets : training.count - targets))
      }
      let classifier = LogisticRegression(
        both.picking(training), isPositive: training.map { isTarget[$0] }, shares: shares)
      for index in part.indices where part[index] == held {
        let isRight = (classifier.score(both.row(index)) > 0) == isTarget[index]
        if isTarget[index] { right.target += isRight ? 1 : 0 } else { right.source += isRight ? 1 : 0 }
      }
    }
    accuracy = (Double(right.source) / Double(source.count) + Double(right.target) / Double(target.count)) / 2
  }

  /// Returns the chips numbered from 0 in their order, for each pixel, and how many there are.
  private static func parts(_ chips: [Int]) -> (ofPixel: [Int], count: Int) {
    let numbers = Dictionary(uniqueKeysWithValues: Set(chips).sorted().enumerated().map { ($1, $0) })
    return (chips.map { numbers[$0]! }, numbers.count)
  }
}
