import Rasters

/// The outcome of looking for pairs or series among scenes.
public struct PairingReport: Sendable {
  /// Names of scenes of which no day is known.
  public let undated: [String]
  /// Names of scenes with a day that are in no pair and in no series because they state their place by
  /// control points or the like alone: nobody knows which of another scene's pixels show the same ground.
  public let unplaced: [String]
  /// Other scenes with a day that are in no pair and in no series.
  public let alone: Int
  /// Whether anything is compared.
  public let findsSome: Bool

  package init(
    among scenes: [SceneSource], pairs: [ScenePair], series: [[SceneSource]],
    _ about: (SceneSource) -> SceneFacts
  ) {
    let used = Set((pairs.flatMap { [$0.before, $0.after] } + series.flatMap(\.self)).map(\.identity))
    let others = scenes.filter { !used.contains($0.identity) }
    undated = scenes.filter { about($0).day == nil }.map(\.name)
    let isUndated = Set(undated)
    let dated = others.filter { !isUndated.contains($0.name) }
    unplaced = dated.filter { about($0).grid?.geolocation != nil }.map(\.name)
    alone = dated.count - unplaced.count
    findsSome = !used.isEmpty
  }

  /// A note to people about scenes without a date, and where nothing is compared, about the reason; nil where
  /// all is as it should be.
  public var note: String? {
    let count = { (number: Int) in number == 1 ? "1 scene" : "\(number) scenes" }
    let without = undated.first.map { name in
      "\(count(undated.count)) without a date in name or metadata, such as '\(name)' (names hold \(Acquisition.forms))"
    }
    let floating = unplaced.first.map { name in
      "\(count(unplaced.count)) with control points, RPCs or geolocation arrays in the place of a position, such as '\(name)'"
    }
    let known = [without, floating].compactMap(\.self)
    if findsSome { return known.isEmpty ? nil : "not compared: \(known.joined(separator: "; "))" }
    let lone = alone == 0 ? nil : "\(count(alone)) whose ground no scene of another day shows"
    let reasons = (known + [lone].compactMap(\.self)).joined(separator: "; ")
    return "data.pairing finds nothing to compare: " + (reasons.isEmpty ? "there is no scene" : reasons)
  }
}
