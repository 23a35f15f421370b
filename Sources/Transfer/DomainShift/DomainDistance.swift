/// The distance between the features of two domains, by three measures, of features brought to one unit.
public struct DomainDistance: Sendable {
  /// Pixels of a sample that enter the pairs of ``squaredMMD``; more are thinned out.
  static let largestPairing = 500

  /// ``FeatureSample/squaredMMD(to:)``.
  public let squaredMMD: Double
  /// ``FeatureSample/correlationDistance(to:)``.
  public let correlation: Double
  /// ``DomainSeparation``; nil where there are too few chips.
  public let separation: DomainSeparation?

  /// Compares two samples, each feature divided by its deviation over both, so that distances before and
  /// after a training can be held against each other although the features' sizes have changed.
  public init(_ source: FeatureSample, _ target: FeatureSample) {
    let (source, target) = FeatureSample.standardized(source, target)
    let limit = Self.largestPairing
    squaredMMD = source.thinned(to: limit).squaredMMD(to: target.thinned(to: limit))
    correlation = source.correlationDistance(to: target)
    separation = DomainSeparation(source, target)
  }
}
