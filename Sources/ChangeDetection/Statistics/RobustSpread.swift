/// The median of a plane, and the standard deviation of the half of it that lies nearest: outliers, as
/// changes are, do not count.
package struct RobustSpread: Sendable {
  package let median: Double
  /// The median distance from the median over that of a normal distribution with standard deviation 1.
  package let deviation: Double

  /// Measures the spread of a plane; nil where nothing was observed.
  ///
  /// - Precision: a 4,096th of the range of the values.
  /// - Throws: what reading throws.
  package init?(of source: any PlaneSource) throws {
    guard let middle = try Histogram(of: source, bins: 4096)?.quantile(0.5) else { return nil }
    let distances = MappedPlane(source) { abs($0 - Float(middle)) }
    guard let distance = try Histogram(of: distances, bins: 4096)?.quantile(0.5) else { return nil }
    (median, deviation) = (middle, distance / 0.674_489_75)
  }
}
