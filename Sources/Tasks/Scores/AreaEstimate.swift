/// Areas of classes and accuracies of a map, estimated from a random sample of its pixels whose reference
/// class is known.
///
/// The sample is stratified: from what is mapped as each class pixels were drawn at random, in numbers of
/// their own. Counting the pixels of a map gives areas that are off by its errors; here they are corrected,
/// with standard errors.
///
/// A standard error is NaN where a mapped class has fewer than two pixels in the sample, and everything that
/// depends on the class where it has none. A class that the map does not hold has weight 0, whatever the
/// sample says.
///
/// - Source: Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015, equations 1 to 11.
public struct AreaEstimate: Hashable, Sendable {
  /// An estimated value and how far off it may be.
  public struct Estimate: Hashable, Sendable {
    /// The estimated value, an area or a share.
    public let value: Double
    /// The standard error of the estimate.
    public let standardError: Double
    /// Half the width of the 95 % interval: 1.96 standard errors.
    public var margin: Double { 1.96 * standardError }
  }

  /// The area of each class, in the unit of `pixelArea`.
  public let areas: [Estimate]
  /// The share that is right of what is mapped as each class (user's accuracy).
  public let userAccuracies: [Estimate]
  /// The share of each class's area that is mapped as the class (producer's accuracy).
  public let producerAccuracies: [Estimate]
  /// The share of the map's area that is right.
  public let overallAccuracy: Estimate

  /// Estimates areas and accuracies from a sample.
  ///
  /// - Parameters:
  ///   - sample: counts of the sampled pixels; columns, the mapped classes, are the strata.
  ///   - mappedPixels: how many pixels of the whole map have each class.
  ///   - pixelArea: the area of a pixel, in any unit.
  public init(_ sample: ConfusionMatrix, mappedPixels: [Int], pixelArea: Double) {
    let classes = sample.classes
    precondition(mappedPixels.count == classes, "\(mappedPixels.count) pixel counts, \(classes) classes")
    let total = Double(mappedPixels.reduce(0, +))
    let strata = (0..<classes).filter { mappedPixels[$0] > 0 }
    let weight = mappedPixels.map { Double($0) / total }
    let drawn = (0..<classes).map { mapped in
      Double((0..<classes).reduce(0) { $0 + sample.counts[$1 * classes + mapped] })
    }
    /// Returns the share of a stratum that is of a class, and the variance of that share.
    func share(_ mapped: Int, _ reference: Int) -> (value: Double, variance: Double) {
      let value = Double(sample.counts[reference * classes + mapped]) / drawn[mapped]
      return (value, value * (1 - value) / (drawn[mapped] - 1))
    }
    /// The share of the map that is of a class, and its variance.
    let proportions = (0..<classes).map { reference in
      strata.reduce((value: 0.0, variance: 0.0)) { sum, mapped in
        let (value, variance) = share(mapped, reference)
        return (sum.value + weight[mapped] * value, sum.variance + weight[mapped] * weight[mapped] * variance)
      }
    }
    let users = (0..<classes).map { share($0, $0) }
    areas = proportions.map {
      Estimate(
        value: $0.value * total * pixelArea, standardError: $0.variance.squareRoot() * total * pixelArea)
    }
    userAccuracies = users.map { Estimate(value: $0.value, standardError: $0.variance.squareRoot()) }
    overallAccuracy = Estimate(
      value: strata.reduce(0) { $0 + weight[$1] * users[$1].value },
      standardError: strata.reduce(0) { $0 + weight[$1] * weight[$1] * users[$1].variance }.squareRoot())
    producerAccuracies = (0..<classes).map { index in
      let found = mappedPixels[index] > 0 ? weight[index] * users[index].value : 0
      let accuracy = found / proportions[index].value
      let variance = strata.reduce(0) { sum, mapped in
        // Of its own stratum a class's pixels raise what is found, of others only what there is.
        let slope = mapped == index ? 1 - accuracy : accuracy
        return sum + slope * slope * weight[mapped] * weight[mapped] * share(mapped, index).variance
      }
      return Estimate(value: accuracy, standardError: variance.squareRoot() / proportions[index].value)
    }
  }
}
