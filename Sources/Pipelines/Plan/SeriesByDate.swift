import Chips
import Foundation
import Rasters

/// Scenes that show one ground, in the order of their dates.
package struct SeriesByDate {
  /// The series of two dates and more, by their first scene's day and name; scenes of one day are in the order of their names.
  package private(set) var series: [[URL]] = []

  /// Gathers the series.
  ///
  /// A scene belongs to the first series whose first scene it has enough ground in common with. Scenes whose names hold no day, and
  /// those that cannot be read, are in none.
  ///
  /// - Parameter grid: the pixels of a scene; nil for one that cannot be read.
  package init(among scenes: [SceneInput], gridOf grid: (SceneInput) -> Grid?) {
    var found: [(grid: Grid, scenes: [URL])] = []
    for (scene, _) in scenes.dated() {
      guard scene.refusal == nil, let own = grid(scene) else { continue }
      let place = found.firstIndex {
        ($0.grid.commonGround(with: own) ?? 0) >= PairsByDate.leastCommonGround
      }
      if let place { found[place].scenes.append(scene.path) } else { found.append((own, [scene.path])) }
    }
    series = found.map(\.scenes).filter { $0.count > 1 }
  }
}

extension [SceneInput] {
  /// Those whose names hold a day, in the order of days and names.
  func dated() -> [(scene: SceneInput, day: Day)] {
    compactMap { scene in Day(inName: scene.name).map { (scene: scene, day: $0) } }
      .sorted { ($0.day, $0.scene.name) < ($1.day, $1.scene.name) }
  }
}
