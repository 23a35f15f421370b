import Foundation

/// The identity of a scene: the place where it lies, however its path was spelt, and of several at one place
/// the part that it is.
public struct SceneIdentity: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The absolute path of the file or directory, without `.`, `..` and a slash at the end.
  private let place: String
  private let part: String?

  /// Creates the identity of the scene at a path.
  ///
  /// - Parameter part: the name by which it is told from other scenes there; nil where it is the only one.
  public init(path: String, part: String? = nil) {
    (place, self.part) = (URL(fileURLWithPath: path).standardizedFileURL.path, part)
  }

  /// The last part of the path, or the name of the part.
  public var fileName: String { part ?? URL(fileURLWithPath: place).lastPathComponent }

  /// The identity of the directory in which it lies.
  package var directory: SceneIdentity {
    SceneIdentity(path: URL(fileURLWithPath: place).deletingLastPathComponent().path)
  }

  /// The place, with a part as `items.json#S2A_32UPU`.
  public var description: String { place + (part.map { "#" + $0 } ?? "") }

  /// Orders identities by their places, then by their parts.
  public static func < (one: SceneIdentity, other: SceneIdentity) -> Bool {
    (one.place, one.part ?? "") < (other.place, other.part ?? "")
  }
}
