import Checkpoints
import Chips
import Foundation
import Settings
import Transfer

/// How far a scene is from what its model has learned from, as figures and warnings.
struct SceneDrift {
  private let names: [String]
  private let score: DriftScore

  /// Nil where the card does not say what the model has learned from, or nothing of the scene is valid.
  init?(of sample: DriftSample, from card: ModelCard) {
    guard let training = card.trainingQuantiles, let scene = sample.quantiles,
      let score = DriftScore(of: scene, from: training)
    else { return nil }
    (names, self.score) = (card.channels.map(\.name), score)
  }

  /// The distances in deviations: the largest, their mean, and each band's.
  var json: JSONValue {
    let bands = zip(names, score.bands).map { ($0, JSONValue.number($1)) }
    return [
      "largest": .number(score.largest), "mean": .number(score.mean),
      "bands": .object(Dictionary(bands, uniquingKeysWith: { first, _ in first })),
    ]
  }

  /// A sentence where the farthest band is farther than `limit`.
  func warnings(above limit: Double) -> [String] {
    guard score.largest > limit else { return [] }
    let far = zip(names, score.bands).filter { $0.1 > limit }.sorted { $0.1 > $1.1 }
    let shown = far.prefix(3).map { "\($0.0) by \(String(format: "%.2f", $0.1))" }.joined(separator: ", ")
    return [
      "the scene is far from what the model has learned from: \(shown) deviations"
        + (far.count > 3 ? ", ..." : "")
        + "; its map may be wrong where the model is sure"
    ]
  }
}
