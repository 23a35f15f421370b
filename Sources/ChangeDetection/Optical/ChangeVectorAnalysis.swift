import Foundation
import Numerics

/// Change vector analysis (CVA): the length and the direction of what separates two dates in the space of the
/// bands.
///
/// Each band of each date is brought to mean 0 and variance 1 over the pixels that both dates observed.
///
/// - Source: Malila 1980; the direction of compressed CVA is Bovolo, Marchesi & Bruzzone 2012
///   (doi:10.1109/TGRS.2011.2171493).
package struct ChangeVectorAnalysis {
  /// The means and the factors that turn the 2 C bands into standard deviations, the earlier date's first.
  private let means, scales: [Double]

  /// Estimates means and variances of a pair; nil where no pixel is valid at both dates.
  ///
  /// - Parameter hasOneScale: whether the dates have one radiometry: the earlier one's mean and variance then
  ///   hold for both.
  /// - Throws: what reading throws.
  package init?(of pair: any ImagePair, hasOneScale: Bool = false) throws {
    guard let moments = try PairMoments(of: pair) else { return nil }
    let bands = pair.bandCount
    let sources = (0..<2 * bands).map { hasOneScale ? $0 % bands : $0 }
    means = sources.map { moments.means[$0] }
    scales = sources.map { band in
      let variance = moments.covariance.values[band * (moments.means.count + 1)]
      return variance > 0 ? 1 / variance.squareRoot() : 0
    }
  }

  /// Returns the length of the change vector, in standard deviations.
  package func magnitude(of pair: any ImagePair) -> some PlaneSource {
    ChangeVectorPlane(pair: pair, means: means, scales: scales) { squares, _ in squares.squareRoot() }
  }

  /// Returns the angle between the change vector and the one that rises alike in all bands, in radians from 0
  /// to pi; pi / 2 where the dates are the same.
  package func direction(of pair: any ImagePair) -> some PlaneSource {
    ChangeVectorPlane(pair: pair, means: means, scales: scales) {
      [bands = Double(pair.bandCount)] squares, sum in
      squares > 0 ? acos(max(-1, min(1, sum / (bands * squares).squareRoot()))) : .pi / 2
    }
  }
}

/// A function of the squared length and of the sum of the change vectors.
private struct ChangeVectorPlane: PlaneSource {
  let pair: any ImagePair
  let means, scales: [Double]
  let value: (_ squares: Double, _ sum: Double) -> Double
  var width: Int { pair.width }
  var height: Int { pair.height }

  func read(rows: Range<Int>) throws -> Plane {
    let block = try pair.read(rows: rows)
    var values = [Float](repeating: .nan, count: block.count)
    let bands = pair.bandCount
    for pixel in 0..<block.count where block.valid[pixel] {
      var (squares, sum) = (0.0, 0.0)
      for band in 0..<bands {
        let place = band * block.count + pixel
        let before = (Double(block.before[place]) - means[band]) * scales[band]
        let after = (Double(block.after[place]) - means[bands + band]) * scales[bands + band]
        squares += (after - before) * (after - before)
        sum += after - before
      }
      values[pixel] = Float(value(squares, sum))
    }
    return Plane(width: pair.width, values: values)
  }
}
