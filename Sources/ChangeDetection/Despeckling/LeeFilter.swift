/// Lee's filter: the mean of the window, and of what differs from it as much as the window varies beyond speckle.
///
/// - Source: Lee 1980 (doi:10.1109/TPAMI.1980.4766994).
package struct LeeFilter: PlaneSource {
  private let source: any PlaneSource
  private let looks: Double
  private let radius: Int
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// - Parameters:
  ///   - source: intensities.
  ///   - looks: equivalent number of looks.
  ///   - radius: of the window; 3 is 7 x 7.
  package init(_ source: any PlaneSource, looks: Double, radius: Int = 3) {
    (self.source, self.looks, self.radius) = (source, looks, radius)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    try source.despeckled(rows, radius: radius) { leeEstimate($0, mean: $1, variation: $2, looks: looks) }
  }
}

/// The estimate of least squared error for a pixel whose window has a mean and a squared coefficient of variation.
func leeEstimate(_ value: Double, mean: Double, variation: Double, looks: Double) -> Double {
  let speckle = 1 / looks
  guard variation > speckle else { return mean }
  return mean + (1 - speckle / variation) / (1 + speckle) * (value - mean)
}
