/// A scene of a run, as its record tells of it.
public struct RecordedScene: Sendable {
  /// The scene's name, unique in the run; jobs about it alone have it as their subject.
  public let name: String
  /// The scene's path.
  public let path: String
  /// The subjects of its comparisons with other scenes, which tell of it where no job is about it alone.
  public let comparisons: [String]
  /// The reason why no job may be about it; nil where that needs no words.
  public let unusedReason: String?
  /// The reason why it was left for a later run; nil where it was not.
  public let waitingReason: String?

  /// Creates a scene.
  public init(
    name: String, path: String, comparisons: [String] = [], unusedReason: String? = nil,
    waitingReason: String? = nil
  ) {
    (self.name, self.path, self.comparisons) = (name, path, comparisons)
    (self.unusedReason, self.waitingReason) = (unusedReason, waitingReason)
  }
}
