/// What a search of a directory has found: the scenes, and the entries that are none.
public struct FoundScenes: Sendable {
  /// The scenes under the names of their files, which two of them may share.
  public internal(set) var scenes: [SceneSource] = []
  /// What looks like a scene and is refused before it is read.
  public internal(set) var refused: [SceneSource] = []
  /// The entries that are no scene and belong to none.
  public internal(set) var others: [NoScene] = []

  /// Creates what was found at a place that holds several scenes and nothing else.
  package init(_ scenes: [SceneSource] = []) { self.scenes = scenes }

  /// An entry of a directory that is no scene.
  public struct NoScene: Sendable, Hashable {
    /// The file or directory, as messages show it.
    public let path: String
    /// The reason, as a clause.
    public let reason: String
  }

  /// Takes out the entries that belong to a scene: its side-cars (`a.tfw` and `a.tif.aux.xml` of `a.tif`), its
  /// masks and its metadata.
  mutating func forgetParts() {
    var owned: Set<String> = []
    var stems: Set<Substring> = []
    for scene in scenes + refused {
      owned.formUnion(scene.ownFiles)
      if !scene.isDirectory { stems.insert(Self.stem(scene.path)) }
    }
    others.removeAll { other in
      if owned.contains(other.path) { return true }
      var name = other.path[...]
      while let dot = name.lastIndex(of: "."), dot > (name.lastIndex(of: "/") ?? name.startIndex) {
        name = name[..<dot]
        if stems.contains(name) { return true }
      }
      return false
    }
  }

  /// Returns a path without the extension of its last part.
  private static func stem(_ path: String) -> Substring {
    guard let dot = path.lastIndex(of: "."), dot > (path.lastIndex(of: "/") ?? path.startIndex) else {
      return path[...]
    }
    return path[..<dot]
  }
}
