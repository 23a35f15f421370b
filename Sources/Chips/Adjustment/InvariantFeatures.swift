import Checkpoints
import Numerics
import Rasters
import Scenes

/// Finds the line of each band that brings scenes to reference scenes of the same ground, from the pixels
/// that did not change between them: roofs, rock, deep water; fields and clouds count less the less they fit.
///
/// All pixels are regressed, weighted by how well the lines of all bands together fit them, again and again
/// until the lines stay. Lines are those of least distance at right angles, because both scenes are noisy.
///
/// - Source: iteratively reweighted as in Canty & Nielsen 2008 (doi:10.1016/j.rse.2007.07.013), with Tukey's
///   biweight of the residuals in the place of the change probability.
public struct InvariantFeatures {
  /// Values of the scenes and of the references in the same pixels, band by band.
  private var own, reference: [[Float]]
  private let limit: Int

  /// Features of `bands` bands from up to `pairs` pairs of scenes: each gives its share of what is held in
  /// memory.
  public init(pairs: Int, bands: Int) {
    own = Array(repeating: [], count: bands)
    reference = own
    limit = max(4096, SceneSample.standardLimit / max(1, pairs))
  }

  /// The number of pixels.
  public var count: Int { own.first?.count ?? 0 }

  /// Adds the pixels that are valid in both scenes.
  ///
  /// - Returns: whether the scenes have pixels in common.
  /// - Throws: what reading throws.
  public mutating func add(_ scene: Scene, like other: Scene) throws(RasterError) -> Bool {
    guard let shared = scene.grid.overlap(with: other.grid) else { return false }
    let step = (shared.own.pixelCount + limit - 1) / limit
    var place = 0
    for strip in shared.own.strips(ofHeight: 64) {
      let same = strip.offset(
        columns: shared.other.column - shared.own.column, rows: shared.other.row - shared.own.row)
      let (mine, theirs) = (try scene.read(strip), try other.read(same))
      for pixel in 0..<strip.pixelCount {
        defer { place += 1 }
        guard place % step == 0, mine.valid[pixel], theirs.valid[pixel] else { continue }
        for band in own.indices {
          own[band].append(mine.values[band * strip.pixelCount + pixel])
          reference[band].append(theirs.values[band * strip.pixelCount + pixel])
        }
      }
    }
    return true
  }

  /// Regressions at most; lines stay after some ten.
  private static let rounds = 50
  /// Residuals, in standard deviations of the unchanged pixels' and averaged over bands, from which a pixel
  /// counts nothing.
  private static let cutOff = 3.0

  /// The step that maps scenes, and the share of the pixels' weight that is left.
  ///
  /// - Precondition: ``count`` is above 0.
  public var step: (step: RadiometricStep, weight: Double) {
    var lines = own.indices.map(start)
    var weights = [Double](repeating: 1, count: count)
    for _ in 0..<Self.rounds {
      weights = self.weights(lines)
      let next = lines.indices.map { line(band: $0, weights, otherwise: lines[$0]) }
      let change = zip(lines, next).map { abs($0.slope - $1.slope) + abs($0.offset - $1.offset) }.max() ?? 0
      lines = next
      if change < 1e-9 { break }
    }
    return (
      .invariantFeatures(slopes: lines.map(\.slope), offsets: lines.map(\.offset)),
      weights.reduce(0, +) / Double(count)
    )
  }

  /// Lines that are tried to start from, and pixels that they are tried on.
  private static let (trials, tried) = (500, 2000)

  /// Returns the line through two pixels that half of the pixels lie nearest to (least median of squares):
  /// whatever the other half is, clouds over a third of the scene, say, which would pull quartiles along.
  private func start(band: Int) -> (slope: Double, offset: Double) {
    var random = RandomSource(seed: 0, stream: "invariant features")
    let places = (0..<min(count, Self.tried)).map { $0 * count / min(count, Self.tried) }
    let (x, y) = (places.map { Double(own[band][$0]) }, places.map { Double(reference[band][$0]) })
    var best = (
      slope: 1.0, offset: BandDistribution(reference[band]).centre - BandDistribution(own[band]).centre
    )
    var least = Double.infinity
    for _ in 0..<Self.trials {
      let (one, other) = (random.index(below: x.count), random.index(below: x.count))
      let slope = (y[one] - y[other]) / (x[one] - x[other])
      guard slope.isFinite, slope > 0 else { continue }
      let offset = y[one] - slope * x[one]
      let residual = BandDistribution(zip(x, y).map { Float(abs($1 - slope * $0 - offset)) }).centre
      if residual < least { (least, best) = (residual, (slope, offset)) }
    }
    return best
  }

  /// Tukey's biweight of each pixel's root mean square residual over the bands.
  private func weights(_ lines: [(slope: Double, offset: Double)]) -> [Double] {
    var squares = [Double](repeating: 0, count: count)
    for (band, line) in lines.enumerated() {
      let residuals = zip(own[band], reference[band]).map {
        abs(Double($1) - line.slope * Double($0) - line.offset)
      }
      // The median of the size of a normal residual is 0.6745 standard deviations.
      let scale = max(BandDistribution(residuals.map(Float.init)).centre / 0.6745, 1e-12)
      for (pixel, residual) in residuals.enumerated() {
        squares[pixel] += residual * residual / (scale * scale)
      }
    }
    let limit = Self.cutOff * Self.cutOff * Double(lines.count)
    return squares.map { square in
      guard square < limit else { return 0 }
      let rest = 1 - square / limit
      return rest * rest
    }
  }

  /// Returns the line of least weighted distance at right angles.
  private func line(band: Int, _ weights: [Double], otherwise: (slope: Double, offset: Double)) -> (
    slope: Double, offset: Double
  ) {
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for (pixel, weight) in weights.enumerated() {
      sum += weight
      x += weight * Double(own[band][pixel])
      y += weight * Double(reference[band][pixel])
    }
    guard sum > 0 else { return otherwise }
    (x, y) = (x / sum, y / sum)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (pixel, weight) in weights.enumerated() where weight > 0 {
      let (dx, dy) = (Double(own[band][pixel]) - x, Double(reference[band][pixel]) - y)
      xx += weight * dx * dx
      xy += weight * dx * dy
      yy += weight * dy * dy
    }
    // Without a relation that rises there is no line to believe.
    guard xy > 0 else { return otherwise }
    let slope = (yy - xx + ((yy - xx) * (yy - xx) + 4 * xy * xy).squareRoot()) / (2 * xy)
    return (slope, y - slope * x)
  }
}
