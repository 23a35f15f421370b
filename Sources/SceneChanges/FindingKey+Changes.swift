import Runs

/// The findings of comparisons of scenes.
extension FindingKey {
  /// A row a measurement: `dates` (`as-they-came`, `aligned`), `down` and `right` in pixels, `agreement`.
  package static let misregistration = FindingKey("misregistration", "how far the dates lie apart")
  /// The interpolation that brought the later date to the grid: `none`, `nearest`, `bilinear` or `cubic`.
  package static let resampling = FindingKey("resampling", "resampling of the later date")
  /// The difference between the grids of the dates, in words; left out where they are the same.
  package static let gridDifference = FindingKey("grid-difference", "what the grids differ in")
  /// The canonical correlations of MAD, ascending.
  package static let canonicalCorrelations = FindingKey(
    "canonical-correlations", "canonical correlations of the dates")
  /// Estimates that MAD needed.
  package static let iterations = FindingKey("iterations", "estimates until MAD settled")
}
