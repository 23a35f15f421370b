import Checkpoints
import Rasters
import Scenes

/// Gathers what scenes are adjusted to: the values of all reference scenes together.
public struct RadiometricReference {
  private var bands: [[Float]]
  private let limit: Int

  /// Creates a reference of `scenes` scenes of `bands` bands: each gives its share of what is held in memory.
  public init(scenes: Int, bands: Int) {
    self.bands = Array(repeating: [], count: bands)
    limit = max(4096, SceneSample.standardLimit / max(1, scenes))
  }

  /// Adds a scene.
  ///
  /// - Throws: what reading throws.
  public mutating func add(_ scene: Scene) throws(RasterError) {
    let sample = try SceneSample(scene, limit: limit)
    for band in bands.indices { bands[band] += sample.bands[band] }
  }

  /// The number of pixels.
  public var count: Int { bands.first?.count ?? 0 }

  private var distributions: [BandDistribution] { bands.map(BandDistribution.init) }

  /// The step that brings scenes to the reference's centre and spread.
  public var standardise: RadiometricStep {
    let distributions = distributions
    return .standardise(centre: distributions.map(\.centre), spread: distributions.map(\.spread))
  }

  /// The step that brings scenes to the reference's quantiles.
  public var histogramMatching: RadiometricStep {
    let probabilities = BandDistribution.probabilities
    return .histogramMatching(
      probabilities: probabilities, quantiles: distributions.map { probabilities.map($0.quantile) })
  }
}
