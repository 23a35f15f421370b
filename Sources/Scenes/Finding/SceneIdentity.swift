import Foundation

/// The identity of a scene: the place where it lies, however its path was spelt.
public struct SceneIdentity: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The absolute path of the file or directory, without `.`, `..` and a slash at the end.
  private let place: String

  /// Creates the identity of the scene at a path.
  public init(path: String) { place = URL(fileURLWithPath: path).standardizedFileURL.path }

  /// The last part of the path.
  public var fileName: String { URL(fileURLWithPath: place).lastPathComponent }

  /// The identity of the directory in which it lies.
  package var directory: SceneIdentity {
    SceneIdentity(path: URL(fileURLWithPath: place).deletingLastPathComponent().path)
  }

  /// The place.
  public var description: String { place }

  /// Orders identities by their places.
  public static func < (one: SceneIdentity, other: SceneIdentity) -> Bool { one.place < other.place }
}
