import Rasters

/// The facts that scenes are paired by.
public struct SceneFacts: Sendable {
  /// The day that the scene shows; nil where nothing says it.
  public let day: Day?
  /// The grid of the scene; nil where it cannot be read.
  public let grid: Grid?

  /// Creates the facts about a scene.
  public init(_ acquisition: Acquisition?, grid: Grid?) { (day, self.grid) = (acquisition?.day, grid) }

  /// Finds the facts in a scene.
  public init(of scene: SceneSource) { self.init(scene.acquisition, grid: scene.grid) }
}

extension [SceneSource] {
  /// Returns the scenes of which a day is known, in the order of days and names.
  func dated(_ about: (SceneSource) -> SceneFacts) -> [(scene: SceneSource, day: Day, grid: Grid?)] {
    compactMap { scene in
      let facts = about(scene)
      return facts.day.map { (scene: scene, day: $0, grid: scene.refusal == nil ? facts.grid : nil) }
    }.sorted { ($0.day, $0.scene.name) < ($1.day, $1.scene.name) }
  }
}
