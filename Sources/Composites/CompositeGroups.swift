import Rasters
import Scenes

/// A scene that is to be part of a composite, and what is known of it.
package struct CompositeCandidate: Sendable {
  package let scene: SceneSource
  /// The grid on which it is read.
  package let grid: Grid
  package let day: Day

  package init(_ scene: SceneSource, on grid: Grid, day: Day) {
    (self.scene, self.grid, self.day) = (scene, grid, day)
  }
}

/// The scenes of one composite.
package struct CompositeGroup: Sendable {
  /// The name of the composite: `T32UPU_2023-06`.
  package let name: String
  /// The part of the calendar that it stands for.
  package let period: CompositePeriod.Part
  /// The scenes, by day and name.
  package let members: [CompositeCandidate]

  /// Creates a group of scenes that were chosen by hand; the period is that of their days.
  package init(_ name: String, of members: [CompositeCandidate]) {
    (self.name, self.members) = (name, members.inOrder)
    let days = self.members.map(\.day)
    period = CompositePeriod.Part(first: days.first!, last: days.last!, name: name)
  }

  fileprivate init(_ ground: String, _ period: CompositePeriod.Part, _ members: [CompositeCandidate]) {
    (name, self.period, self.members) = ("\(ground)_\(period.name)", period, members.inOrder)
  }
}

/// The ways in which scenes are grouped.
package enum CompositeGrouping: String, CaseIterable, Sendable {
  /// Scenes of one ground.
  case ground
  /// Neighbours: scenes of which each has ground in common with another one.
  case day
  /// All scenes.
  case all

  /// Whether a group covers the ground of all its scenes, rather than that of one.
  package var isMosaic: Bool { self != .ground }

  /// Returns the groups of scenes, each of one part of the calendar, by name.
  package func groups(of candidates: [CompositeCandidate], in period: CompositePeriod) -> [CompositeGroup] {
    let parts = Dictionary(grouping: candidates.inOrder) { period.part(of: $0.day) }
    // The ground of a scene is that of all parts of the calendar.
    let grounds = self == .ground ? grounds(of: candidates.inOrder) : [:]
    return parts.flatMap { part, members -> [CompositeGroup] in
      switch self {
      case .all: return [CompositeGroup("all", part, members)]
      case .day:
        var known: [String: Int] = [:]
        return Self.neighbours(among: members).map { members in
          let name = members.map { $0.scene.ground ?? SceneGround.name(of: $0.grid) }.min()!
          // Grounds of two zones may begin at the same numbers.
          known[name, default: 0] += 1
          return CompositeGroup(known[name]! > 1 ? "\(name)-\(known[name]!)" : name, part, members)
        }
      case .ground:
        return Dictionary(grouping: members) { grounds[$0.scene.identity]! }.map {
          CompositeGroup($0.key, part, $0.value)
        }
      }
    }.sorted { $0.name < $1.name }
  }

  /// Names the ground of each scene: by the name of its product, else by the first scene that shows most of
  /// the same.
  private func grounds(of candidates: [CompositeCandidate]) -> [SceneIdentity: String] {
    var unnamed: [(grid: Grid, name: String)] = []
    var found: [SceneIdentity: String] = [:]
    for candidate in candidates {
      if let name = candidate.scene.ground {
        found[candidate.scene.identity] = name
      } else if let known = unnamed.first(where: {
        ($0.grid.commonGround(with: candidate.grid) ?? 0) >= PairsByDate.leastCommonGround
      }) {
        found[candidate.scene.identity] = known.name
      } else {
        var name = SceneGround.name(of: candidate.grid)
        let same = unnamed.count { $0.name == name || $0.name.hasPrefix("\(name)-") }
        if same > 0 { name += "-\(same + 1)" }
        unnamed.append((candidate.grid, name))
        found[candidate.scene.identity] = name
      }
    }
    return found
  }

  /// Parts scenes into those that are joined by common ground.
  private static func neighbours(among members: [CompositeCandidate]) -> [[CompositeCandidate]] {
    var parts: [[CompositeCandidate]] = []
    for member in members {
      let touched = parts.indices.filter { index in
        parts[index].contains { ($0.grid.commonGround(with: member.grid) ?? 0) > 0 }
      }
      let joined = touched.flatMap { parts[$0] } + [member]
      parts = parts.indices.filter { !touched.contains($0) }.map { parts[$0] } + [joined]
    }
    return parts
  }
}

extension [CompositeCandidate] {
  /// The scenes by day and name.
  fileprivate var inOrder: [CompositeCandidate] {
    sorted { ($0.day, $0.scene.name, $0.scene.path) < ($1.day, $1.scene.name, $1.scene.path) }
  }
}

/// The order in which dates are preferred.
package enum CompositeOrder: String, CaseIterable, Sendable {
  /// Those of which the least is hidden.
  case leastCloudy = "least-cloudy"
  /// The latest ones.
  case newest
  /// Those nearest to a day.
  case nearest

  /// Returns the places of dates, the preferred one first; of two that are as good the earlier one.
  ///
  /// - Parameters:
  ///   - day: the day of ``nearest``.
  ///   - hidden: the share of each date that is hidden, for ``leastCloudy``.
  package func places(of days: [Day], nearestTo day: Day, hidden: [Double]) -> [Int] {
    let worth: [Double] =
      switch self {
      case .leastCloudy: hidden
      case .newest: days.map { -Double($0.since1970) }
      case .nearest: days.map { Double(abs($0.since1970 - day.since1970)) }
      }
    return days.indices.sorted { (worth[$0], $0) < (worth[$1], $1) }
  }
}
