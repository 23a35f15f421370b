import Scenes

extension SceneSupply {
  /// Creates the supply of the stages behind those that make scenes, before anything is planned; nil where no
  /// stage at the beginning makes any.
  ///
  /// - Throws: as ``SceneMakingStage/scenesToMake(of:)``.
  package init?(
    foretelling file: PipelineFile, _ stages: [StageDeclaration], scenes: [SceneSource],
    arriving: [SceneSource] = []
  ) throws {
    let making = stages.map(\.stage).makingScenes
    guard !making.isEmpty else { return nil }
    self.init(of: file, readsEntries: stages.readEntries, scenes: scenes, arriving: arriving)
    for stage in making {
      let kind = type(of: stage)
      replace(with: try stage.scenesToMake(of: self), in: kind.sceneFile, by: kind.name)
    }
  }
}
