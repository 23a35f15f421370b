/// A kind of thing that stages hand to each other.
///
/// A module that adds a stage may add a kind; the runner compares kinds and knows none by name.
public struct ArtifactKind: Sendable, Hashable {
  /// A short name (`maps`).
  public var name: String
  /// The name for people (`class maps`).
  public var title: String

  /// Creates a kind of artifact.
  public init(name: String, title: String) {
    (self.name, self.title) = (name, title)
  }

  /// Kinds are the same where their names are.
  public static func == (left: ArtifactKind, right: ArtifactKind) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// Weights of a network, with their card.
  public static let model = ArtifactKind(name: "model", title: "a model")
  /// Class scores of scenes.
  public static let maps = ArtifactKind(name: "maps", title: "class maps")
  /// Comparisons of two dates.
  public static let changes = ArtifactKind(name: "changes", title: "change maps")
  /// Scenes that something was done to.
  public static let scenes = ArtifactKind(name: "scenes", title: "scenes")
  /// Figures about models.
  public static let report = ArtifactKind(name: "report", title: "a report")
  /// Files for the user.
  public static let products = ArtifactKind(name: "products", title: "products")
}
