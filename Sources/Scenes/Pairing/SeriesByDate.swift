import Rasters

/// Scenes that show one ground, in the order of their dates.
package struct SeriesByDate {
  /// The series of two dates and more, by their first scene's day and name; scenes of one day are in the
  /// order of their names.
  package private(set) var series: [[SceneSource]] = []

  /// Gathers the series among scenes.
  ///
  /// A scene belongs to the first series whose first scene it has enough ground in common with. Scenes
  /// without a day, and those that cannot be read, are in none.
  package init(among scenes: [SceneSource], about: (SceneSource) -> SceneFacts) {
    var found: [(grid: Grid, scenes: [SceneSource])] = []
    for (scene, _, grid) in scenes.dated(about) {
      guard let own = grid else { continue }
      let place = found.firstIndex {
        ($0.grid.commonGround(with: own) ?? 0) >= PairsByDate.leastCommonGround
      }
      if let place { found[place].scenes.append(scene) } else { found.append((own, [scene])) }
    }
    series = found.map(\.scenes).filter { $0.count > 1 }
  }
}
