import Numerics

/// Weighted means and covariances of the 2 C bands of a pair, the earlier date's first.
struct PairMoments {
  /// The sum of the weights.
  let weight: Double
  /// `[2 C]`.
  let means: [Double]
  /// `[2 C, 2 C]`, divided by the weight.
  let covariance: DoubleMatrix

  /// Means and covariances over the valid pixels, each weighted by its probability of no change, or all
  /// alike.
  ///
  /// Sums are of each 16 Ki pixels and then added in their order, so that the number of threads does not
  /// matter.
  ///
  /// - Returns: nil where no pixel has a weight.
  /// - Throws: what reading throws.
  init?(of pair: any ImagePair, weights variates: AlterationVariates? = nil) throws {
    let size = 2 * pair.bandCount
    // Sums of products cancel less around a value of each band: those of the first valid pixel will do.
    var origin = variates?.means
    var total = [Double](repeating: 0, count: (size + 1) * (size + 1))
    try pair.forEachStrip { block in
      if origin == nil, let first = block.valid.firstIndex(of: true) {
        origin = (0..<size).map {
          Double(($0 < size / 2 ? block.before : block.after)[$0 % (size / 2) * block.count + first])
        }
      }
      guard let origin else { return }
      let pieces = (block.count + Self.piece - 1) / Self.piece
      var sums = [Double](repeating: 0, count: pieces * total.count)
      sums.withUnsafeMutableBufferPointer { sums in
        nonisolated(unsafe) let sums = sums
        let length = (size + 1) * (size + 1)
        parallelLoop(pieces) { piece in
          let end = min(block.count, (piece + 1) * Self.piece)
          let products = Self.products(block, piece * Self.piece..<end, around: origin, variates)
          for index in 0..<length { sums[piece * length + index] = products[index] }
        }
      }
      for piece in 0..<pieces {
        for index in total.indices { total[index] += sums[piece * total.count + index] }
      }
    }
    guard let origin, let weight = total.last, weight > 0 else { return nil }
    self.weight = weight
    let shifts = (0..<size).map { total[$0 * (size + 1) + size] / weight }
    means = zip(origin, shifts).map { $0 + $1 }
    var values = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        values[row * size + column] =
          total[row * (size + 1) + column] / weight - shifts[row] * shifts[column]
      }
    }
    covariance = DoubleMatrix(values, rows: size, columns: size)
  }

  private static let piece = 1 << 14

  /// Returns the weighted sums of the products of all bands, and of 1, with each other, `[2 C + 1, 2 C + 1]`.
  private static func products(
    _ block: PairBlock, _ pixels: Range<Int>, around origin: [Double], _ variates: AlterationVariates?
  ) -> [Double] {
    let (size, vectors) = (origin.count, PixelTile.vectors)
    var tile = PixelTile(variables: size)
    var weighted = [PixelTile.Vector](repeating: .zero, count: vectors)
    var sums = [PixelTile.Vector](repeating: .zero, count: (size + 1) * (size + 1))
    for start in stride(from: pixels.lowerBound, to: pixels.upperBound, by: PixelTile.pixels) {
      tile.fill(block, from: start, around: origin)
      let weights = variates.map { $0.weights(of: tile) } ?? tile.valid
      tile.rows.withUnsafeBufferPointer { rows in
        for row in 0...size {
          for index in 0..<vectors {
            weighted[index] = row < size ? rows[row * vectors + index] * weights[index] : weights[index]
          }
          for column in 0..<min(row + 1, size) {
            var sum = sums[row * (size + 1) + column]
            for index in 0..<vectors {
              sum.addProduct(weighted[index], rows[column * vectors + index])
            }
            sums[row * (size + 1) + column] = sum
          }
        }
      }
      sums[sums.count - 1] += weights.reduce(.zero, +)
    }
    var products = sums.map { $0.sum() }
    for row in 0...size {
      for column in 0..<row { products[column * (size + 1) + row] = products[row * (size + 1) + column] }
    }
    return products
  }
}
