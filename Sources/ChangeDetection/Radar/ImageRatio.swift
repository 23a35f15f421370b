/// The larger amplitude of the two dates over the smaller one, pixel by pixel: 1 where they are the same.
///
/// - Source: Rignot & van Zyl 1993 (doi:10.1109/36.239913).
package struct ImageRatio: PlaneSource {
  private let amplitudes: BackscatterPair
  package let width, height: Int

  /// - Throws: what reading throws.
  package init(_ pair: any ImagePair, band: Int = 0, unit: BackscatterUnit) throws {
    amplitudes = try BackscatterPair(pair, band: band, unit: unit, radius: 0)
    (width, height) = (pair.width, pair.height)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    try amplitudes.read(rows: rows) { max($0 / $1, $1 / $0) }
  }
}
