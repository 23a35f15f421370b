import Numerics

/// Non-local means: each pixel becomes the mean of the pixels around it whose patches look like its own, so
/// that noise goes and edges stay.
///
/// Two patches of the same ground differ by twice the noise's variance. A pixel weighs 1 up to there and
/// nothing from some way beyond on, by a bisquare, which costs less than an exponential and ends.
///
/// - Source: Buades, Coll & Morel 2005 (doi:10.1109/CVPR.2005.38); the bisquare is of Goossens et al. 2008.
package struct NonLocalMeans: PlaneSource {
  private let source: any PlaneSource
  private let variance: Float
  private let searchRadius, patchRadius: Int
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// The excess of a distance over twice the noise's variance, in variances, from which on a weight is 0.
  private static let reach: Float = 5

  /// - Parameters:
  ///   - noise: standard deviation of the noise, which is to be the same everywhere (logarithms of radar).
  ///   - searchRadius: how far away pixels are looked at; 7 is a window of 15 x 15.
  ///   - patchRadius: of the patches that are compared; 2 is 5 x 5.
  package init(_ source: any PlaneSource, noise: Double, searchRadius: Int = 7, patchRadius: Int = 2) {
    self.source = source
    variance = Float(noise * noise)
    (self.searchRadius, self.patchRadius) = (searchRadius, patchRadius)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    guard variance > 0 else { return try source.read(rows: rows) }
    return try source.filtered(rows, halo: searchRadius + patchRadius, smoothed)
  }

  private func smoothed(_ plane: Plane) -> Plane {
    var result = plane
    let height = plane.height
    plane.values.withUnsafeBufferPointer { values in
      result.values.withUnsafeMutableBufferPointer { result in
        // Each row is written by one index.
        nonisolated(unsafe) let (values, result) = (values, result)
        parallelLoop(height) { row in
          smooth(row, values, width: plane.width, height: height, into: result)
        }
      }
    }
    return result
  }

  /// Smooths one row: for each shift, the distances of all its patches at once.
  private func smooth(
    _ row: Int, _ values: UnsafeBufferPointer<Float>, width: Int, height: Int,
    into result: UnsafeMutableBufferPointer<Float>
  ) {
    // Ends of `patchRadius` on either side stay 0.
    let padded = width + 2 * patchRadius
    var (sums, weights) = ([Float](repeating: 0, count: width), [Float](repeating: 0, count: width))
    var (squares, counts) = ([Float](repeating: 0, count: padded), [Float](repeating: 0, count: padded))
    let scale = 1 / (Self.reach * variance)
    for down in -searchRadius...searchRadius where (0..<height).contains(row + down) {
      for right in -searchRadius...searchRadius {
        let columns = max(0, -right)..<min(width, width - right)
        guard !columns.isEmpty else { continue }
        for index in 0..<padded { (squares[index], counts[index]) = (0, 0) }
        let patch =
          max(-patchRadius, -row, -row - down)...min(patchRadius, height - 1 - row, height - 1 - row - down)
        for shift in patch {
          let own = (row + shift) * width
          let other = (row + shift + down) * width + right
          for column in columns {
            let difference = values[own + column] - values[other + column]
            let square = difference * difference
            // NaN is not equal to itself.
            let seen: Float = square == square ? 1 : 0
            squares[patchRadius + column] += square == square ? square : 0
            counts[patchRadius + column] += seen
          }
        }
        for column in columns {
          let value = values[(row + down) * width + column + right]
          var (distance, count): (Float, Float) = (0, 0)
          for shift in 0...2 * patchRadius {
            distance += squares[column + shift]
            count += counts[column + shift]
          }
          let excess = max(0, distance / max(count, 1) - 2 * variance) * scale
          let rest = max(0, 1 - excess)
          let seen = value == value
          let weight = seen ? rest * rest : 0
          weights[column] += weight
          sums[column] += seen ? weight * value : 0
        }
      }
    }
    for column in 0..<width where !values[row * width + column].isNaN {
      result[row * width + column] = sums[column] / weights[column]
    }
  }
}
