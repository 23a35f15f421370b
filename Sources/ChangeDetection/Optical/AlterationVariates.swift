import Tensors

/// The differences between the canonical variates of two dates, and how far each pixel is from no change.
struct AlterationVariates {
  /// Means of the 2 C bands, the earlier date's first.
  let means: [Double]
  /// Weights of the 2 C bands in each variate, `[C, 2 C]`.
  let coefficients: [Double]
  /// One over each variate's variance among the pixels that the means and covariances are of, `[C]`.
  private let precisions: [Double]
  private let distribution: ChiSquare
  /// nil: a pixel weighs its probability. Otherwise it weighs 1 from this probability on, and nothing below.
  private var leastProbability: Double?

  /// The variates of two dates' canonical correlations.
  init(_ correlations: CanonicalCorrelations, of moments: PairMoments) {
    let (count, size) = (correlations.correlations.count, moments.means.count)
    means = moments.means
    let rows = (0..<count).map { correlations.first[$0] + correlations.second[$0].map { -$0 } }
    coefficients = rows.flatMap { $0 }
    let covariance = moments.covariance
    precisions = rows.map { row in
      let products = covariance.times(row)
      let variance = zip(row, products).reduce(0) { $0 + $1.0 * $1.1 }
      // 2 (1 - correlation), but for rounding, and for a band that has no partner. Dates that are the same leave nothing:
      // what is smaller is rounding of Float.
      return 1 / max(variance, Self.leastVariance)
    }
    distribution = ChiSquare(degrees: count)
    precondition(size == 2 * count, "\(size) bands for \(count) variates")
  }

  /// Variates have parts of variance 1, which Float keeps to some 1e-7.
  private static let leastVariance = 1e-12

  /// The sum of the squared variates over their variances, chi-square with C degrees of freedom where nothing changed, of
  /// pixels around ``means``.
  func statistics(of tile: PixelTile) -> [PixelTile.Vector] {
    let (vectors, size) = (PixelTile.vectors, means.count)
    var statistics = [PixelTile.Vector](repeating: .zero, count: vectors)
    var variate = statistics
    tile.rows.withUnsafeBufferPointer { rows in
      for (index, precision) in precisions.enumerated() {
        for place in 0..<vectors { variate[place] = .zero }
        for variable in 0..<size {
          let coefficient = PixelTile.Vector(repeating: coefficients[index * size + variable])
          for place in 0..<vectors {
            variate[place].addProduct(rows[variable * vectors + place], coefficient)
          }
        }
        for place in 0..<vectors {
          statistics[place].addProduct(variate[place] * variate[place], .init(repeating: precision))
        }
      }
    }
    return statistics
  }

  /// The same variates, weighing pixels all or nothing.
  func certain(_ leastProbability: Double) -> AlterationVariates {
    var variates = self
    variates.leastProbability = leastProbability
    return variates
  }

  private func weight(_ probability: Double) -> Double {
    leastProbability.map { probability >= $0 ? 1 : 0 } ?? probability
  }

  /// The probability of a statistic as large where nothing changed; 0 where a pixel is not valid.
  func weights(of tile: PixelTile) -> [PixelTile.Vector] {
    var weights = statistics(of: tile)
    for index in weights.indices {
      for lane in 0..<PixelTile.Vector.scalarCount {
        weights[index][lane] =
          tile.valid[index][lane] == 0 ? 0 : weight(distribution.survival(weights[index][lane]))
      }
    }
    return weights
  }
}
