/// A filter that estimates each pixel from its value, and from mean and variation of the window around it.
struct LocalStatisticsFilter: PlaneSource {
  /// A filter's estimate of a pixel, from its intensity, the mean and the squared coefficient of variation of
  /// its window, and the looks.
  typealias Estimate = (_ value: Double, _ mean: Double, _ variation: Double, _ looks: Double) -> Double

  private let source: any PlaneSource
  private let looks: Double
  private let radius: Int
  private let estimate: Estimate
  var width: Int { source.width }
  var height: Int { source.height }

  /// - Parameters:
  ///   - source: intensities.
  ///   - looks: equivalent number of looks.
  ///   - radius: of the window; 3 is 7 x 7.
  init(_ source: any PlaneSource, looks: Double, radius: Int = 3, estimate: @escaping Estimate) {
    (self.source, self.looks, self.radius, self.estimate) = (source, looks, radius, estimate)
  }

  func read(rows: Range<Int>) throws -> Plane {
    try source.filtered(rows, halo: radius) { plane in
      let window = SpeckleWindow(plane, radius: radius)
      var result = plane
      for (index, value) in plane.values.enumerated() where !value.isNaN {
        result.values[index] = Float(
          estimate(Double(value), window.means[index], window.variation(index), looks))
      }
      return result
    }
  }
}
