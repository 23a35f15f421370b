import Foundation

/// The logarithm of the later amplitude over the earlier one: above 0 where backscatter rose, below where it fell.
///
/// Speckle multiplies; in the logarithm it adds the same noise to dark ground as to bright.
///
/// - Source: Dekker 1998; Bazi, Bruzzone & Melgani 2005 (doi:10.1109/TGRS.2004.842441).
package struct LogRatio: PlaneSource {
  private let amplitudes: BackscatterPair
  package let width, height: Int

  /// - Parameters:
  ///   - pair: radar scenes, not despeckled or despeckled.
  ///   - band: which band.
  ///   - radius: of the windows whose means are compared; 1 is 3 x 3.
  /// - Throws: what reading throws.
  package init(_ pair: any ImagePair, band: Int = 0, unit: BackscatterUnit, radius: Int = 1) throws {
    amplitudes = try BackscatterPair(pair, band: band, unit: unit, radius: radius)
    (width, height) = (pair.width, pair.height)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    try amplitudes.read(rows: rows) { log($1) - log($0) }
  }
}
