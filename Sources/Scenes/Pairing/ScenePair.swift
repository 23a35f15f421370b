/// A pair of scenes, two dates of one place.
public struct ScenePair: Sendable, Hashable {
  /// The scene of the earlier date.
  public var before: SceneSource
  /// The scene of the later date.
  public var after: SceneSource

  /// Creates a pair.
  public init(before: SceneSource, after: SceneSource) { (self.before, self.after) = (before, after) }
}

extension [SceneSource] {
  /// The scenes by their identities.
  package var byIdentity: [SceneIdentity: SceneSource] {
    Dictionary(map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

extension [ScenePair] {
  /// Returns the pairs of which both scenes are among these.
  package func among(_ scenes: [SceneSource]) -> [(before: SceneSource, after: SceneSource)] {
    let scene = scenes.byIdentity
    return compactMap { pair in
      guard let before = scene[pair.before.identity], let after = scene[pair.after.identity] else {
        return nil
      }
      return (before, after)
    }
  }
}
