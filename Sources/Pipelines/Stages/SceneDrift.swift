import Checkpoints
import Chips
import Foundation
import Products
import Runs
import Settings
import Transfer

/// The drift of a scene, its distance from what its model has learned from, as findings and warnings.
struct SceneDrift {
  private let names: [String]
  private let score: DriftScore

  /// Computes the drift; nil where the card does not say what the model has learned from, or nothing of the
  /// scene is valid.
  init?(of sample: DriftSample, from card: ModelCard) {
    guard let training = card.trainingQuantiles, let scene = sample.quantiles,
      let score = DriftScore(of: scene, from: training)
    else { return nil }
    (names, self.score) = (card.channels.map(\.name), score)
  }

  /// The distances in deviations: that of the farthest band, their mean, and each band's.
  var findings: [Finding] {
    let rows = zip(names, score.bands).map { [JSONValue.string($0), .number($1)] }
    return [
      Finding(.drift, score.largest), Finding(.driftMean, score.mean),
      Finding(.driftByBand, .table(FindingTable([.init("band"), .init("drift")], rows))),
    ].compactMap(\.self)
  }

  /// Returns a sentence where the farthest band is farther than `limit`.
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
