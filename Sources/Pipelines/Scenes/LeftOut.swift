import Runs

/// An entry of the directory of scenes that is not worked on, and why.
public struct LeftOut: Sendable, Hashable {
  /// A kind of reason.
  public enum Kind: String, CaseIterable, Sendable {
    /// It is a product of a sensor or level that is not asked for.
    case otherSensor = "other-sensor"
    /// It shows a day that is not asked for, or nobody knows which.
    case otherDate = "other-date"
    /// It shows a piece of ground that is not asked for, or nobody knows which.
    case otherGround = "other-ground"
    /// Its product states more clouds than are asked for.
    case tooCloudy = "too-cloudy"
    /// Another product of the same acquisition is taken.
    case duplicate
    /// It is no scene.
    case noScene = "no-scene"
  }

  /// The kind of the reason.
  public let kind: Kind
  /// The file or directory.
  public let path: String
  /// The reason in a sentence, without a full stop.
  public let reason: String

  init(_ kind: Kind, _ path: String, _ reason: String) {
    (self.kind, self.path, self.reason) = (kind, path, reason)
  }

  /// The entry as the record of a run tells of it.
  public var recorded: RecordedEntry { RecordedEntry(path: path, kind: kind.rawValue, reason: reason) }
}
