import Rasters
import Scenes

/// What scenes are paired by.
public struct SceneFacts: Sendable {
  /// The day that the scene shows; nil where nothing says it.
  public let day: Day?
  /// Its pixels; nil where it cannot be read.
  public let grid: Grid?

  /// The facts about a scene.
  public init(_ acquisition: Acquisition?, grid: Grid?) { (day, self.grid) = (acquisition?.day, grid) }

  /// What is found out of a scene.
  public init(of scene: SceneSource) { self.init(scene.acquisition, grid: scene.grid) }
}

extension [SceneSource] {
  /// Those of which a day is known, in the order of days and names.
  func dated(_ about: (SceneSource) -> SceneFacts) -> [(scene: SceneSource, day: Day, grid: Grid?)] {
    compactMap { scene in
      let facts = about(scene)
      return facts.day.map { (scene: scene, day: $0, grid: scene.refusal == nil ? facts.grid : nil) }
    }.sorted { ($0.day, $0.scene.name) < ($1.day, $1.scene.name) }
  }
}
