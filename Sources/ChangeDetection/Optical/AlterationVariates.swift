import Numerics

/// The differences between the canonical variates of two dates, and how far each pixel is from no change.
struct AlterationVariates {
  /// Means of the 2 C bands, the earlier date's first.
  let means: [Double]
  /// Weights of the 2 C bands in each variate, `[C, 2 C]`.
  let coefficients: [Double]
  /// The reciprocal of each variate's variance among the pixels that the means and covariances are of, `[C]`.
  private let precisions: [Double]
  private let distribution: ChiSquare
  /// The probability of no change from which on a pixel weighs 1, and below which it weighs nothing; nil
  /// weighs each pixel by its probability.
  private var leastProbability: Double?

  /// Creates the variates of two dates' canonical correlations.
  init(_ correlations: CanonicalCorrelations, of moments: PairMoments) {
    let (count, size) = (correlations.correlations.count, moments.means.count)
    means = moments.means
    let rows = (0..<count).map { correlations.first[$0] + correlations.second[$0].map { -$0 } }
    coefficients = rows.flatMap { $0 }
    let covariance = moments.covariance
    precisions = rows.map { row in
      let products = covariance.times(row)
      let variance = zip(row, products).reduce(0) { $0 + $1.0 * $1.1 }
      // 2 (1 - correlation), but for rounding, and for a band that has no partner. Dates that are the same
      // leave nothing: what is smaller is rounding of Float.
      return 1 / max(variance, Self.leastVariance)
    }
    distribution = ChiSquare(degrees: count)
    precondition(size == 2 * count, "\(size) bands for \(count) variates")
  }

  /// Variates have parts of variance 1, which Float keeps to some 1e-7.
  private static let leastVariance = 1e-12

  /// The largest distance of a canonical variate of one date from the other date's, as a multiple of what
  /// their correlation leaves open.
  private static let tolerance = 3.0

  /// Returns the sum of the squared variates over their variances, chi-square with C degrees of freedom where
  /// nothing changed, of pixels around ``means``.
  ///
  /// - Parameter isTolerant: whether variances grow with the pixel's distance from the mean. The line between
  ///   the variates of both dates has a slope between r and 1 / r, as noise and lost detail are one date's or
  ///   the other's; canonical variates say 1. Far from the mean, where few pixels are, the difference would
  ///   be change.
  func statistics(of tile: PixelTile, isTolerant: Bool = false) -> [PixelTile.Vector] {
    let (vectors, size) = (PixelTile.vectors, means.count)
    var statistics = [PixelTile.Vector](repeating: .zero, count: vectors)
    var (first, second) = (statistics, statistics)
    for (index, precision) in precisions.enumerated() {
      guard isTolerant else {
        sum(0..<size, of: index, in: tile, into: &first)
        for place in 0..<vectors {
          statistics[place].addProduct(first[place] * first[place], .init(repeating: precision))
        }
        continue
      }
      sum(0..<size / 2, of: index, in: tile, into: &first)
      sum(size / 2..<size, of: index, in: tile, into: &second)
      let slack = Self.tolerance / (2 * precision)
      for place in 0..<vectors {
        let difference = first[place] + second[place]
        // The second date's has the other sign: where the product is positive, dates lie on either side of
        // the mean.
        let shared = first[place].magnitudes.smaller(second[place].magnitudes)
          .replacing(with: 0, where: first[place] * second[place] .> 0)
        let spread = shared * slack
        statistics[place] += difference * difference * precision / (1 + spread * spread * precision)
      }
    }
    return statistics
  }

  /// Adds the share of some of the bands to a variate.
  private func sum(
    _ bands: Range<Int>, of index: Int, in tile: PixelTile, into sums: inout [PixelTile.Vector]
  ) {
    let vectors = PixelTile.vectors
    tile.rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        sums.update(repeating: .zero)
        for band in bands {
          let coefficient = PixelTile.Vector(repeating: coefficients[index * means.count + band])
          for place in 0..<vectors { sums[place].addProduct(rows[band * vectors + place], coefficient) }
        }
      }
    }
  }

  /// Returns the same variates with pixels weighed all or nothing.
  func certain(_ leastProbability: Double) -> AlterationVariates {
    var variates = self
    variates.leastProbability = leastProbability
    return variates
  }

  private func weight(_ probability: Double) -> Double {
    leastProbability.map { probability >= $0 ? 1 : 0 } ?? probability
  }

  /// Returns the probability of a statistic as large where nothing changed; 0 where a pixel is not valid.
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

extension PixelTile.Vector {
  fileprivate var magnitudes: Self { replacing(with: -self, where: self .< 0) }

  fileprivate func smaller(_ other: Self) -> Self { replacing(with: other, where: other .< self) }
}
