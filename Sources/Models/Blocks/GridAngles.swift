import Foundation
import Layers
import Tensors

/// The angles by which queries and keys are turned for the place of their patch in the image, from -1 to 1
/// along each side: for channels in pairs, 2 pi times the row over a period for the first half of the pairs,
/// the column for the others. Periods grow from 1 to `base`.
///
/// - Source: Simeoni et al. 2025, arXiv:2508.10104, section 3.2.
struct GridAngles: Sendable {
  let base: Double

  /// Returns the periods for heads of `size` channels, base^(k / n), k = 0, ..., n - 1, n a quarter of them.
  func periods(headSize size: Int) -> [Double] {
    (0..<size / 4).map { pow(base, Double($0) / Double(size / 4)) }
  }

  /// Returns the turns of the tokens of a grid's patches, after `skipped` others.
  func rotation(of grid: TokenGrid, headSize size: Int, skipping skipped: Int) -> TokenRotation {
    let periods = periods(headSize: size)
    func angles(_ place: Int, of count: Int) -> [Float] {
      let coordinate = 2 * (Double(place) + 0.5) / Double(count) - 1
      return periods.map { Float(2 * Double.pi * coordinate / $0) }
    }
    let rows = (0..<grid.rows).map { angles($0, of: grid.rows) }
    let columns = (0..<grid.columns).map { angles($0, of: grid.columns) }
    return TokenRotation(
      skipping: skipped, angles: rows.flatMap { row in columns.flatMap { row + $0 } }, pairsNeighbours: false)
  }
}
