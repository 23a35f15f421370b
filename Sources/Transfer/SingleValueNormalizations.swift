import Layers

/// The batch normalisations that batches of a training had one value a channel for.
struct SingleValueNormalizations: Codable {
  /// The end of a sentence about normalisations, after ``paths``.
  static let sawOneValue = "saw one value a channel"

  private var all: [String] = []

  /// Takes note of those of a pass.
  mutating func add(_ pass: Pass) {
    for path in pass.heldNormalizations where !all.contains(path) { all.append(path) }
  }

  /// Up to three of their paths; nil where there are none.
  var paths: String? {
    guard !all.isEmpty else { return nil }
    return "batch normalisation " + all.prefix(3).joined(separator: ", ")
      + (all.count > 3 ? " and \(all.count - 3) more" : "")
  }
}
