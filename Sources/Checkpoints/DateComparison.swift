/// The way in which a network that compares two dates of one ground brings them together.
///
/// - Source: Daudt et al. 2018, arXiv:1810.08462 (FC-EF, FC-Siam-conc, FC-Siam-diff).
public enum DateComparison: String, CaseIterable, Codable, Hashable, Sendable {
  /// One encoder sees the bands of both dates at once.
  case earlyFusion = "early-fusion"
  /// The encoder sees each date by itself, with the same weights; the decoder gets the maps of both. An
  /// encoder that was trained on several dates (Prithvi) sees each with the other in sight.
  case concatenation = "siamese-concatenation"
  /// The encoder sees each date by itself, with the same weights; the decoder gets the absolute difference of
  /// the maps.
  case difference = "siamese-difference"
}
