import Numerics

/// The line of each band that brings the later date to the radiometry of the earlier one, from the pixels
/// that IR-MAD is most sure did not change.
///
/// Lines are those of least distance at right angles, because both dates are noisy.
///
/// - Source: Canty & Nielsen 2008 (doi:10.1016/j.rse.2007.07.013).
package struct InvariantFeatureLines: DateNormalization {
  /// `after x slope + offset` is on the scale of the earlier date, `[C]`.
  package let slopes, offsets: [Double]
  /// The number of pixels that the lines were fitted to.
  package let pixels: Int

  /// The probability of no change from which on a pixel is an invariant feature.
  package static let leastProbability = 0.95

  /// Creates the lines of a pair.
  ///
  /// - Returns: nil where fewer than 2 C + 1 pixels are invariant, or a band of the two dates has no relation
  ///   that rises.
  /// - Throws: what reading throws.
  package init?(_ detection: MultivariateAlterationDetection, of pair: any ImagePair) throws {
    let bands = pair.bandCount
    guard
      let moments = try PairMoments(of: pair, weights: detection.variates.certain(Self.leastProbability)),
      moments.weight > Double(2 * bands)
    else { return nil }
    var (slopes, offsets): ([Double], [Double]) = ([], [])
    for band in 0..<bands {
      let size = 2 * bands
      func covariance(_ row: Int, _ column: Int) -> Double { moments.covariance.values[row * size + column] }
      let (xx, yy) = (covariance(bands + band, bands + band), covariance(band, band))
      let xy = covariance(band, bands + band)
      guard xy > 0 else { return nil }
      let slope = (yy - xx + ((yy - xx) * (yy - xx) + 4 * xy * xy).squareRoot()) / (2 * xy)
      slopes.append(slope)
      offsets.append(moments.means[band] - slope * moments.means[bands + band])
    }
    (self.slopes, self.offsets, pixels) = (slopes, offsets, Int(moments.weight))
  }

  package func callAsFunction(_ value: Float, band: Int) -> Float {
    Float(Double(value) * slopes[band] + offsets[band])
  }
}
