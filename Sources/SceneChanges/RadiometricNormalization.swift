import ChangeDetection

/// The method that brings the later date to the radiometry of the earlier one.
package enum RadiometricNormalization: String, CaseIterable, Sendable {
  case none
  case invariantFeatures = "invariant-features"
  case histogram
}

/// A pair as its normalisation leaves it.
struct NormalizedDates {
  package let pair: any ImagePair
  /// Whether both dates are on the scale of the earlier one.
  let haveOneScale: Bool
  package var warnings: [String] = []

  /// Adjusts the later date of a pair, which stays as it is where nothing can be told.
  package init(_ pair: any ImagePair, by way: RadiometricNormalization) throws {
    let normalization: (any DateNormalization)?
    switch way {
    case .none:
      (self.pair, haveOneScale) = (pair, false)
      return
    case .invariantFeatures:
      normalization = try MultivariateAlterationDetection(of: pair)
        .flatMap { try InvariantFeatureLines($0, of: pair) }
    case .histogram: normalization = try HistogramMatching(of: pair)
    }
    haveOneScale = normalization != nil
    self.pair = normalization.map { NormalizedPair(pair, $0) } ?? pair
    if normalization == nil {
      warnings = [
        "the later date was left as it is: too few pixels for 'radiometric-normalisation: \(way.rawValue)'"
      ]
    }
  }
}
