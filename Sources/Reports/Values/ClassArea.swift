import Products
import Runs
import Settings

/// The area of one class on a map.
package struct ClassArea: Sendable, Hashable {
  /// The name of the class.
  package let name: String
  /// The share of the pixels that have a class, 0 to 1; of a map of whole chips, of those that show it.
  package let share: Double
  /// The area in hectares; nil where the grid is not in metres.
  package let hectares: Double?

  /// Reads the areas from the findings of a map, those of the map that is published where it was cleaned;
  /// empty where there are none.
  static func all(in findings: [Finding]) -> [ClassArea] {
    let table = [.cleanedAreas, .classAreas, .classChips].lazy.compactMap { findings[$0]?.table }.first
    return (table?.rows ?? []).compactMap { row in
      guard let name = row["class"]?.text, let share = row["share"]?.double else { return nil }
      return ClassArea(name: name, share: share, hectares: row["hectares"]?.double)
    }
  }
}

/// What changed between the dates of a comparison.
package struct ReportedChange: Sendable, Hashable {
  /// A change from one class to another.
  package struct Transition: Sendable, Hashable {
    package let from, to: String
    /// The area, in the unit of the change.
    package let area: Double
  }

  /// What changed, and what all dates observed.
  package let changed, observed: Double
  /// `ha`, or `pixels` where the grid is not in metres.
  package let unit: String
  /// The changes from class to class, the largest first; empty where no classes were compared.
  package let transitions: [Transition]

  /// Reads a change from the findings of a comparison; nil where they are of none.
  package init?(_ findings: [Finding]) {
    let inHectares = findings[.changedHectares]?.number != nil
    guard let changed = findings[inHectares ? .changedHectares : .changedPixels]?.number,
      let observed = findings[inHectares ? .observedHectares : .observedPixels]?.number
    else { return nil }
    (self.changed, self.observed) = (changed, observed)
    unit = inHectares ? "ha" : "pixels"
    transitions = (findings[.transitions]?.table?.rows ?? []).compactMap { row in
      guard let from = row["from"]?.text, let to = row["to"]?.text, from != to,
        let area = row[inHectares ? "hectares" : "pixels"]?.double
      else { return nil }
      return Transition(from: from, to: to, area: area)
    }.sorted { ($1.area, $0.from, $0.to) < ($0.area, $1.from, $1.to) }
  }

  /// The share of what was observed that changed, 0 to 1.
  package var share: Double { observed > 0 ? changed / observed : 0 }
}
