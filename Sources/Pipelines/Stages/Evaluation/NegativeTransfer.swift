import Foundation
import Tasks
import Transfer

/// The comparison of the recipe with doing without transfer: with the source's model as it is, and with the
/// same network trained from scratch.
struct NegativeTransfer {
  /// A model without transfer, and by how much the recipe is better by the task's headline (worse where
  /// negative).
  struct Rival: Equatable {
    let contestant: EvaluatedModel
    let name: String
    let margin: ScoreSummary
  }

  /// The model that the chain ends with.
  let recipe: EvaluatedModel
  let recipeName: String
  let rivals: [Rival]
  private let headline: Headline

  /// Compares seed by seed: what two trainings share, their difference does not hold.
  init?<Score: ReportedScore>(_ results: EvaluationResults<Score>, chain: EvaluatedChain) {
    guard let last = results.contestants.last(where: { if case .stage = $0 { true } else { false } }) else {
      return nil
    }
    let scored = results.contestants
    (recipe, recipeName) = (last, chain.name(of: last, among: scored))
    headline = Score.headline
    let own = results.bySeed(last).map(\.headline)
    let sources = scored.filter { contestant in
      guard case .stage(let index) = contestant else {
        return contestant == .sourceOnly || contestant == .scratch
      }
      // A model that no label of the target has touched, as it was or adapted.
      return contestant != last && !chain.hasSeenTargetLabels(index)
    }
    rivals = sources.map { contestant in
      let other = results.bySeed(contestant).map(\.headline)
      return Rival(
        contestant: contestant, name: chain.name(of: contestant, among: scored),
        margin: ScoreSummary(zip(own, other).map { Score.headline.gain(of: $0, over: $1) }))
    }
  }

  /// The rivals that the recipe loses to, the best of them first; a recipe without a score, whose network
  /// gives no finite scores, loses to all.
  var lost: [Rival] {
    rivals.filter { !($0.margin.mean >= 0) }.sorted { $0.margin.mean < $1.margin.mean }
  }

  /// The contestant that does best.
  var winner: EvaluatedModel { lost.first?.contestant ?? recipe }
  var winnerName: String { lost.first?.name ?? recipeName }

  /// The sentence that a run ends with.
  var sentence: String {
    guard !rivals.isEmpty else { return "'\(recipeName)' was held against no model without transfer" }
    guard !lost.isEmpty else {
      return "transfer pays: '\(recipeName)' is better than "
        + rivals.map { "'\($0.name)' by \(shown($0.margin))" }
        .joined(separator: " and than ") + " in \(headline.title)"
    }
    return "negative transfer: '\(recipeName)' is worse than "
      + lost.map { "'\($0.name)' by \(shown($0.margin, sign: -1))" }.joined(separator: " and than ")
      + " in \(headline.title)"
  }

  /// Returns the text of a margin, `0.012 (95 %: 0.002 to 0.022)` where seeds were repeated.
  private func shown(_ margin: ScoreSummary, sign: Double = 1) -> String {
    func text(_ value: Double) -> String { String(format: "%.3f", value) }
    let mean = sign * margin.mean
    guard margin.margin.isFinite else { return text(mean) }
    return "\(text(mean)) (95 %: \(text(mean - margin.margin)) to \(text(mean + margin.margin)))"
  }
}
