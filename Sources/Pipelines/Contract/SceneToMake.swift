import Scenes

/// A scene that a stage is to make.
package struct SceneToMake: Sendable {
  /// The name of the scene, unique among those of its stage.
  package let name: String
  /// The scenes that it is made of, and what is known of it beforehand.
  package let origin: SceneOrigin
  /// The scenes to map in whose place it comes.
  package let mapped: [SceneIdentity]
  /// The scenes of entries in whose place it comes.
  package let learned: [SceneIdentity]

  package init(
    _ name: String, _ origin: SceneOrigin, mapped: [SceneIdentity] = [], learned: [SceneIdentity] = []
  ) {
    (self.name, self.origin, self.mapped, self.learned) = (name, origin, mapped, learned)
  }
}
