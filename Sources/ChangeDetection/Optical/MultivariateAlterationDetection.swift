import Numerics

/// Multivariate alteration detection (MAD), iteratively reweighted (IR-MAD).
///
/// The differences between canonical variates do not change when the bands of either date are scaled, shifted
/// or mixed: neither sensor nor haze nor sun need be the same. Reweighting estimates means and covariances
/// from the pixels that did not change.
///
/// - Source: Nielsen, Conradsen & Simpson 1998 (doi:10.1016/S0034-4257(97)00162-4); Nielsen 2007
///   (doi:10.1109/TIP.2006.888195) for the reweighting.
package struct MultivariateAlterationDetection {
  /// Canonical correlations of the two dates, ascending, `[C]`; of the unchanged pixels, when reweighted.
  package let correlations: [Double]
  /// The number of times that means and covariances were estimated.
  package let iterations: Int
  /// Whether the correlations stayed within ``tolerance`` at last.
  package let converged: Bool
  let variates: AlterationVariates

  /// The change of the correlations from which on they count as the same.
  package static let tolerance = 1e-6
  /// The most estimates: real pairs take 30 to 60.
  package static let mostIterations = 100

  /// The multiple of the threshold that a region of change reaches in ``magnitude(of:radius:)``.
  package static let standardCore = 1.75
  /// The same multiple where one date was resampled: edges that it lost reach up to 1.9 times.
  package static let resampledCore = 2.0

  /// The least number of bands with which reweighting settles. Among pixels spread evenly around 0 the
  /// weights 1 - F(Z) leave 2 C / (C + 2) of the variance that they assume: less than all of it with one
  /// band, exactly all with two, so that each estimate would be of fewer pixels until none is left.
  private static let fewestBands = 3
  /// The share of the weight below which an estimate is of too few pixels, and the one before is kept.
  private static let leastWeight = 0.002

  /// Estimates the variates of a pair.
  ///
  /// - Parameter iterations: estimates at most; 1 is plain MAD.
  /// - Returns: nil where no pixel is valid at both dates, or the values are not finite.
  /// - Throws: what reading throws.
  /// - Complexity: one pass over the pair for each estimate; memory does not grow with the pair.
  package init?(of pair: any ImagePair, iterations: Int = mostIterations) throws {
    var variates: AlterationVariates?
    var correlations: [Double] = []
    var (count, converged) = (0, false)
    var pixels = 0.0
    let most = pair.bandCount >= Self.fewestBands ? max(1, iterations) : 1
    while count < most && !converged {
      guard let moments = try PairMoments(of: pair, weights: variates),
        moments.weight >= Self.leastWeight * pixels,
        let canonical = CanonicalCorrelations(moments.covariance)
      else { break }
      if variates == nil { pixels = moments.weight }
      count += 1
      let change = zip(canonical.correlations, correlations).map { abs($0 - $1) }.max() ?? .infinity
      converged = change < Self.tolerance
      correlations = canonical.correlations
      variates = AlterationVariates(canonical, of: moments)
    }
    guard let variates else { return nil }
    (self.variates, self.correlations, self.iterations, self.converged) = (
      variates, correlations, count, converged
    )
  }

  /// Returns the statistic Z of each pixel: the sum of the squared variates over their variances.
  ///
  /// It follows chi-square with C degrees of freedom where nothing changed, as far as bands are normal;
  /// reweighted estimates are those of the pixels that change least, so that Z is larger than that.
  package func statistic(of pair: any ImagePair) -> some PlaneSource {
    AlterationPlane(pair: pair, variates: variates, isTolerant: false)
  }

  /// Computes ``statistic(of:)`` with more room far from the mean, as the slopes between the dates are known
  /// only as well as the dates correlate: noise or lost detail of one date alone is no change of what is
  /// bright or rare.
  package func tolerantStatistic(of pair: any ImagePair) -> some PlaneSource {
    AlterationPlane(pair: pair, variates: variates, isTolerant: true)
  }

  /// Returns the root of the mean of ``tolerantStatistic(of:)`` in a window around each pixel: changes are
  /// larger than a pixel, noise is not.
  ///
  /// - Parameter radius: of the window; 1 is 3 x 3.
  package func magnitude(of pair: any ImagePair, radius: Int = 1) -> some PlaneSource {
    MappedPlane(WindowMean(tolerantStatistic(of: pair), radius: radius)) { $0.squareRoot() }
  }

  /// Measures how much larger than chi-square ``tolerantStatistic(of:)`` of unchanged pixels is, at least 1.
  ///
  /// The quarter of the pixels with the least statistic did not change, and is compared with a quarter of the
  /// distribution.
  ///
  /// - Returns: nil where nothing was observed.
  /// - Throws: what reading throws.
  package func inflation(of pair: any ImagePair) throws -> Double? {
    // The root spreads small values over more bins.
    let roots = MappedPlane(tolerantStatistic(of: pair)) { $0.squareRoot() }
    guard let quarter = try Histogram(of: roots, bins: 1 << 14)?.quantile(0.25) else { return nil }
    return max(1, quarter * quarter / distribution.quantile(0.25))
  }

  /// The distribution of ``statistic(of:)`` where nothing changed.
  package var distribution: ChiSquare { ChiSquare(degrees: correlations.count) }
}

/// The statistic of ``MultivariateAlterationDetection``.
struct AlterationPlane: PlaneSource {
  let pair: any ImagePair
  let variates: AlterationVariates
  let isTolerant: Bool
  var width: Int { pair.width }
  var height: Int { pair.height }

  func read(rows: Range<Int>) throws -> Plane {
    let block = try pair.read(rows: rows)
    var values = [Float](repeating: .nan, count: block.count)
    let tiles = (block.count + PixelTile.pixels - 1) / PixelTile.pixels
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      parallelLoop(tiles) { index in
        let start = index * PixelTile.pixels
        var tile = PixelTile(variables: 2 * pair.bandCount)
        tile.fill(block, from: start, around: variates.means)
        let statistics = variates.statistics(of: tile, isTolerant: isTolerant)
        for pixel in start..<min(block.count, start + PixelTile.pixels) where block.valid[pixel] {
          let place = pixel - start
          values[pixel] = Float(statistics[place / 8][place % 8])
        }
      }
    }
    return Plane(width: pair.width, values: values)
  }
}
