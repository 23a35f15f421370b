import Chips
import Foundation
import Rasters

/// Each of several scenes against the one before it that shows the same ground.
package struct PairsByDate {
  /// The pairs, by the later scene's day and name.
  package private(set) var pairs: [ScenePair] = []

  /// Finds the pairs.
  ///
  /// Scenes whose names hold no day are in none, scenes of one day are not compared with each other. A scene that cannot be read
  /// is nobody's earlier date: it costs its own comparison and no other.
  ///
  /// - Parameter grid: the pixels of a scene; nil for one that cannot be read.
  package init(among scenes: [SceneInput], gridOf grid: (SceneInput) -> Grid?) {
    let dated = scenes.compactMap { scene in Day(inName: scene.name).map { (scene: scene, day: $0) } }
      .sorted { ($0.day, $0.scene.name) < ($1.day, $1.scene.name) }
    let grids = dated.map { $0.scene.refusal == nil ? grid($0.scene) : nil }
    for later in dated.indices {
      let earlier = dated.indices.last { index in
        guard dated[index].day < dated[later].day, let before = grids[index] else { return false }
        return grids[later].map { before.coversMuch(of: $0) } ?? true
      }
      guard let earlier else { continue }
      pairs.append(ScenePair(before: dated[earlier].scene.path, after: dated[later].scene.path))
    }
  }
}

extension Grid {
  /// Whether two grids show the same ground for at least half of the smaller one's extent, by the boxes around their corners in
  /// degrees; pictures without georeferencing do where their sizes are the same.
  func coversMuch(of other: Grid) -> Bool {
    guard transform != nil || other.transform != nil else { return isSame(as: other) }
    guard let mine = degrees, let theirs = other.degrees else { return false }
    let width = min(mine.east, theirs.east) - max(mine.west, theirs.west)
    let height = min(mine.north, theirs.north) - max(mine.south, theirs.south)
    guard width > 0, height > 0 else { return false }
    func area(_ box: (west: Double, south: Double, east: Double, north: Double)) -> Double {
      (box.east - box.west) * (box.north - box.south)
    }
    return width * height >= min(area(mine), area(theirs)) / 2
  }

  private var degrees: (west: Double, south: Double, east: Double, north: Double)? {
    guard let corners = geographicCorners, let first = corners.first else { return nil }
    var box = (west: first.longitude, south: first.latitude, east: first.longitude, north: first.latitude)
    for corner in corners {
      box.west = min(box.west, corner.longitude)
      box.east = max(box.east, corner.longitude)
      box.south = min(box.south, corner.latitude)
      box.north = max(box.north, corner.latitude)
    }
    return box
  }
}
