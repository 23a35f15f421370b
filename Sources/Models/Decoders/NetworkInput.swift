import Checkpoints

/// What a segmentation network is given: the bands of one date, or of two dates that it compares, the earlier one's first.
struct NetworkInput: Hashable, Sendable {
  /// The bands of a date.
  let bands: Int
  /// How two dates meet; nil for one date.
  let comparison: DateComparison?

  init(bands: Int, comparison: DateComparison? = nil) { (self.bands, self.comparison) = (bands, comparison) }

  /// The channels that the encoder sees at once.
  var encoderChannels: Int { comparison == .earlyFusion ? 2 * bands : bands }
}
