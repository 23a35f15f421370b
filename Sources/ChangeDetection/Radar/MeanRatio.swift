/// 1 - min(m1 / m2, m2 / m1) of the means m of windows at the two dates: 0 where they are the same, towards 1 where either is
/// much brighter.
///
/// - Source: Inglada & Mercier 2007 (doi:10.1109/TGRS.2007.893568).
package struct MeanRatio: PlaneSource {
  private let amplitudes: BackscatterPair
  package let width, height: Int

  /// - Parameter radius: of the windows; 1 is 3 x 3.
  /// - Throws: what reading throws.
  package init(_ pair: any ImagePair, band: Int = 0, unit: BackscatterUnit, radius: Int = 1) throws {
    amplitudes = try BackscatterPair(pair, band: band, unit: unit, radius: radius)
    (width, height) = (pair.width, pair.height)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    try amplitudes.read(rows: rows) { 1 - min($0 / $1, $1 / $0) }
  }
}
