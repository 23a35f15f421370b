/// A pair whose bands are means of small windows, of both dates alike.
///
/// Resampling makes one date softer than the other, which shows as change along all edges; means of 3 x 3
/// pixels make both so soft that it hardly does.
package struct SmoothedPair: ImagePair {
  private let pair: any ImagePair
  private let radius: Int
  package var bandCount: Int { pair.bandCount }
  package var width: Int { pair.width }
  package var height: Int { pair.height }

  /// - Parameter radius: of the windows; 1 is 3 x 3.
  package init(_ pair: any ImagePair, radius: Int = 1) { (self.pair, self.radius) = (pair, radius) }

  package func read(rows: Range<Int>) throws -> PairBlock {
    let first = max(0, rows.lowerBound - radius)
    let block = try pair.read(rows: first..<min(height, rows.upperBound + radius))
    let inner = rows.lowerBound - first..<rows.upperBound - first
    func means(_ values: [Float]) -> [Float] {
      (0..<bandCount).flatMap { band in
        let start = band * block.count
        let plane = Plane(
          width: width, values: block.valid.indices.map { block.valid[$0] ? values[start + $0] : .nan })
        return plane.windowMean(radius: radius).cut(inner).values
      }
    }
    return PairBlock(
      before: means(block.before), after: means(block.after),
      valid: Array(block.valid[inner.lowerBound * width..<inner.upperBound * width]))
  }
}
