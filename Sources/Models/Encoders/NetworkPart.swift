/// A part of a network that is frozen, or given a learning rate, as one.
public struct NetworkPart: Hashable, Sendable {
  /// The role of a part in the network.
  public enum Role: Hashable, Sendable {
    /// The part computes features of the image.
    case encoder
    /// The part joins features to those that the head reads.
    case decoder
    /// The part computes scores of features; for other classes it is made anew.
    case head
  }

  /// The name of the part in pipeline files.
  public let name: String
  /// The role of the part.
  public let role: Role
  /// The paths of its parameters start with one of these.
  public let prefixes: [String]

  /// Creates a part.
  public init(_ role: Role, name: String, prefixes: [String]) {
    (self.role, self.name, self.prefixes) = (role, name, prefixes)
  }

  /// Returns whether a parameter belongs to it.
  public func contains(_ path: String) -> Bool { prefixes.contains { path.hasPrefix($0) } }
}

extension [NetworkPart] {
  /// Returns the parts of one role.
  public func with(_ role: NetworkPart.Role) -> [NetworkPart] { filter { $0.role == role } }

  /// Returns whether a parameter belongs to one of them.
  public func contain(_ path: String) -> Bool { contains { $0.contains(path) } }
}
