import Runs
import Scenes

/// A stage that makes scenes.
///
/// Where it stands at the beginning of a pipeline, before anything else but such stages, the stages after it
/// read the scenes that it makes in the place of those that the file names; elsewhere it leaves products only.
package protocol SceneMakingStage: Stage {
  /// The name of the raster of a scene among the files of its job.
  static var sceneFile: String { get }

  /// Says which scenes the stage makes, by names and headers alone.
  ///
  /// - Parameter supply: the scenes that there are to make them of.
  /// - Throws: what makes all of them impossible; an unreadable scene belongs to the job that reads it.
  func scenesToMake(of supply: SceneSupply) throws -> [SceneToMake]

  /// Returns the job that makes a scene; the scene's name is its subject.
  func job(making scene: SceneToMake, in planning: Planning) throws -> Job

  /// Looks at a delivered scene as the stage will read it, by its header alone.
  ///
  /// - Returns: what is odd about it, in sentences.
  /// - Throws: what reading it would throw.
  func check(_ scene: SceneSource, in file: PipelineFile) throws -> [String]
}

extension SceneMakingStage {
  package var making: (any SceneMakingStage)? { self }

  /// Returns the jobs of all scenes that the stage makes where no other stage reads them.
  package func jobs(in planning: Planning) throws -> [Job] {
    try scenesToMake(of: planning.supply.withoutEntries).map { try job(making: $0, in: planning) }
  }
}

extension [any Stage] {
  /// The stages at the beginning that make the scenes which all others read.
  package var makingScenes: [any SceneMakingStage] {
    map(\.making).prefix { $0 != nil }.compactMap { $0 }
  }
}

extension [StageDeclaration] {
  /// Whether a stage reads the scenes of the file's entries.
  package var readEntries: Bool { contains { $0.stage.model != nil || $0.stage.trains } }
}
