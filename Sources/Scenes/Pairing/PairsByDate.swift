import Rasters

/// Each of several scenes against the one before it that shows the same ground.
package struct PairsByDate {
  /// The pairs, by the later scene's day and name.
  package private(set) var pairs: [ScenePair] = []

  /// The share of the smaller scene's ground that two dates of one place have in common.
  package static let leastCommonGround = 0.5

  /// Finds the pairs among scenes.
  ///
  /// Scenes without a day are in none, scenes of one day are not compared with each other. A scene that
  /// cannot be read is nobody's earlier date: it costs its own comparison and no other.
  package init(among scenes: [SceneSource], about: (SceneSource) -> SceneFacts) {
    let dated = scenes.dated(about)
    for later in dated.indices {
      let earlier = dated.indices.last { index in
        guard dated[index].day < dated[later].day, let before = dated[index].grid else { return false }
        return dated[later].grid.map { (before.commonGround(with: $0) ?? 0) >= Self.leastCommonGround }
          ?? true
      }
      guard let earlier else { continue }
      pairs.append(ScenePair(before: dated[earlier].scene, after: dated[later].scene))
    }
  }
}
