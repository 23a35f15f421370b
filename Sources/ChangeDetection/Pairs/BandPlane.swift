/// One band of one date of a pair.
package struct BandPlane: PlaneSource {
  /// One of the two dates.
  package enum Date: Sendable { case before, after }

  private let pair: any ImagePair
  private let band: Int
  private let date: Date
  package var width: Int { pair.width }
  package var height: Int { pair.height }

  package init(_ pair: any ImagePair, band: Int, of date: Date) {
    precondition((0..<pair.bandCount).contains(band), "band \(band) of \(pair.bandCount)")
    (self.pair, self.band, self.date) = (pair, band, date)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    let block = try pair.read(rows: rows)
    let values = date == .before ? block.before : block.after
    let start = band * block.count
    return Plane(
      width: width,
      values: block.valid.indices.map { block.valid[$0] ? values[start + $0] : .nan })
  }
}
