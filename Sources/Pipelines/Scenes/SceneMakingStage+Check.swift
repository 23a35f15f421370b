import Scenes

extension SceneMakingStage {
  /// Opens a delivered scene as the pipeline reads it.
  package func check(_ scene: SceneSource, in file: PipelineFile) throws -> [String] {
    let entry = SceneEntry(scene)
    return SensorAgreement(file).byHeader(try SceneOpening(file).scene(of: entry), of: entry)
  }
}
