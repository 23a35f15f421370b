/// The gamma-MAP filter: the most probable intensity where both ground and speckle follow gamma distributions.
///
/// Windows that vary as speckle does become their mean; those that vary much more hold a point that is left as it is.
///
/// - Source: Lopes, Nezry, Touzi & Laur 1993 (doi:10.1080/01431169308953999).
package struct GammaMAPFilter: PlaneSource {
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
    try source.despeckled(rows, radius: radius, estimate)
  }

  private func estimate(_ value: Double, _ mean: Double, _ variation: Double) -> Double {
    let speckle = 1 / looks
    if variation <= speckle { return mean }
    if variation >= 2 * speckle { return value }
    let order = (1 + speckle) / (variation - speckle)
    let linear = (order - looks - 1) * mean
    return (linear + (linear * linear + 4 * order * looks * mean * value).squareRoot()) / (2 * order)
  }
}
