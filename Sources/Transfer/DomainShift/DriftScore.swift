/// The distance of the pixels of a scene from those that a model has learned from, band by band.
///
/// Of each band it is the 1-Wasserstein distance between the two distributions, the area between their
/// quantiles, over the deviation of what the model has learned from: 0.5 where all values have moved by half
/// a deviation, say. It needs no label and no network, and sees haze, season, light and calibration; where
/// land cover differs, it sees that too, though less.
public struct DriftScore: Hashable, Sendable {
  /// The distance of each band, in deviations.
  public let bands: [Double]

  /// The distance of the band that is farthest.
  public var largest: Double { bands.max()! }

  /// The mean over the bands.
  public var mean: Double { bands.reduce(0, +) / Double(bands.count) }

  /// Compares quantiles of each band at the same levels, `[bands][levels]`.
  ///
  /// Nil where the two have not the same bands and levels, or a number is not finite.
  public init?(of scene: [[Double]], from training: [[Double]]) {
    guard !scene.isEmpty, scene.map(\.count) == training.map(\.count), !scene.contains(where: \.isEmpty),
      (scene + training).allSatisfy({ $0.allSatisfy(\.isFinite) })
    else { return nil }
    bands = zip(scene, training).map { scene, training in
      let distance = zip(scene, training).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(scene.count)
      let mean = training.reduce(0, +) / Double(training.count)
      let variance =
        training.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(training.count)
      // A band that did not vary has no measure: a deviation of 1, as in its normalisation.
      return distance / (variance > 1e-12 * mean * mean && variance > 0 ? variance.squareRoot() : 1)
    }
  }
}
