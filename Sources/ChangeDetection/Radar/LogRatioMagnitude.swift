/// The magnitude of change of backscatter, whatever its direction: the log-ratio without its speckle, over
/// all bands.
///
/// The log-ratio of each band is put around its median, because gains differ, and smoothed by non-local means
/// with its own sign, so that noise of either sign goes; then the bands' sizes are joined.
package struct LogRatioMagnitude: PlaneSource {
  private let magnitude: JointMagnitude
  /// The standard deviation of the unchanged pixels' log-ratios before they were smoothed, over all bands.
  package let deviation: Double
  package var width: Int { magnitude.width }
  package var height: Int { magnitude.height }

  /// - Parameter radius: of the windows whose means are compared; 1 is 3 x 3.
  /// - Returns: nil where no pixel was observed at both dates.
  /// - Throws: what reading throws.
  package init?(_ pair: any ImagePair, unit: BackscatterUnit, radius: Int = 1) throws {
    var bands: [any PlaneSource] = []
    var variance = 0.0
    for band in 0..<pair.bandCount {
      let ratio = try BackscatterRatio(.logarithm, of: pair, band: band, unit: unit, radius: radius)
      guard let spread = try RobustSpread(of: ratio) else { return nil }
      variance += spread.deviation * spread.deviation / Double(pair.bandCount)
      let centred = MappedPlane(ratio) { $0 - Float(spread.median) }
      bands.append(NonLocalMeans(centred, noise: spread.deviation))
    }
    magnitude = JointMagnitude(bands)
    deviation = variance.squareRoot()
  }

  package func read(rows: Range<Int>) throws -> Plane { try magnitude.read(rows: rows) }
}
