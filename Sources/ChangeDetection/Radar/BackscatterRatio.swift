import Foundation

/// A ratio of the amplitudes of one radar band at the two dates, averaged over small windows.
///
/// Amplitudes rather than intensities, because single bright scatterers sway a mean of intensities more. To
/// each date a share of its mean is added: a ratio of what is almost nothing, or of zeros, would say more
/// about noise than about the ground.
package struct BackscatterRatio: PlaneSource {
  /// The kind of ratio.
  package enum Kind: Sendable {
    /// The logarithm of the later amplitude over the earlier one: above 0 where backscatter rose, below where
    /// it fell. Speckle multiplies; in the logarithm it adds the same noise to dark ground as to bright.
    ///
    /// - Source: Dekker 1998; Bazi, Bruzzone & Melgani 2005 (doi:10.1109/TGRS.2004.842441).
    case logarithm
    /// 1 less the smaller amplitude over the larger one: 0 where they are the same, towards 1 where either is
    /// much brighter.
    ///
    /// - Source: Inglada & Mercier 2007 (doi:10.1109/TGRS.2007.893568), of means of windows.
    case contrast
    /// The larger amplitude over the smaller one: 1 where they are the same.
    ///
    /// - Source: Rignot & van Zyl 1993 (doi:10.1109/36.239913), of single pixels.
    case larger
  }

  /// The share of its mean amplitude that is added to each date.
  static let floor = 0.05

  private let kind: Kind
  private let before, after: any PlaneSource
  /// The constants that are added to the dates.
  private let floors: (before: Float, after: Float)
  package var width: Int { before.width }
  package var height: Int { before.height }

  /// - Parameters:
  ///   - pair: radar scenes, despeckled or not.
  ///   - band: which band.
  ///   - radius: of the windows whose means are compared; 1 is 3 x 3, 0 takes the pixels as they are.
  /// - Throws: what reading throws.
  package init(_ kind: Kind, of pair: any ImagePair, band: Int = 0, unit: BackscatterUnit, radius: Int = 1)
    throws
  {
    self.kind = kind
    func amplitudes(_ date: BandPlane.Date) -> MappedPlane {
      MappedPlane(BandPlane(pair, band: band, of: date), unit.amplitude)
    }
    func floor(_ plane: some PlaneSource) throws -> Float {
      var (sum, count) = (0.0, 0)
      try plane.forEachStrip { plane, _ in
        for value in plane.values where value.isFinite {
          sum += Double(value)
          count += 1
        }
      }
      // Where both are 0 throughout, the ratio is to be 1.
      return Float(max(Self.floor * sum / Double(max(1, count)), .leastNormalMagnitude))
    }
    floors = (try floor(amplitudes(.before)), try floor(amplitudes(.after)))
    before = WindowMean(amplitudes(.before), radius: radius)
    after = WindowMean(amplitudes(.after), radius: radius)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    var plane = try before.read(rows: rows)
    let other = try after.read(rows: rows)
    for index in plane.values.indices {
      plane.values[index] = ratio(plane.values[index] + floors.before, other.values[index] + floors.after)
    }
    return plane
  }

  private func ratio(_ before: Float, _ after: Float) -> Float {
    switch kind {
    case .logarithm: log(after) - log(before)
    case .contrast: 1 - min(before / after, after / before)
    case .larger: max(before / after, after / before)
    }
  }
}
