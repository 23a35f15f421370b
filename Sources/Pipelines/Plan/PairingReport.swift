import Foundation
import Rasters

/// What came of looking for pairs or series among scenes.
public struct PairingReport: Sendable {
  /// Names of scenes of which no day is known.
  public let undated: [String]
  /// Scenes with a day that are in no pair and in no series.
  public let alone: Int
  /// Whether anything is compared.
  public let findsSome: Bool

  init(
    among scenes: [SceneInput], pairs: [ScenePair], series: [[URL]], _ about: (SceneInput) -> SceneFacts
  ) {
    let used = Set((pairs.flatMap { [$0.before, $0.after] } + series.flatMap(\.self)).map(\.scenePath))
    let others = scenes.filter { !used.contains($0.path.scenePath) }
    undated = scenes.filter { about($0).day == nil }.map(\.name)
    let isUndated = Set(undated)
    alone = others.count { !isUndated.contains($0.name) }
    findsSome = !used.isEmpty
  }

  /// What people should know: scenes without a date, and where nothing is compared, why; nil where all is as it should be.
  public var note: String? {
    let count = { (number: Int) in number == 1 ? "1 scene" : "\(number) scenes" }
    let without = undated.first.map { name in
      "\(count(undated.count)) without a date in name or metadata, such as '\(name)' (names hold \(Acquisition.forms))"
    }
    if findsSome { return without.map { "not compared: \($0)" } }
    let lone = alone == 0 ? nil : "\(count(alone)) whose ground no scene of another day shows"
    let reasons = [without, lone].compactMap(\.self).joined(separator: "; ")
    return "data.pairing finds nothing to compare: " + (reasons.isEmpty ? "there is no scene" : reasons)
  }
}
