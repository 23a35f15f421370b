import Host

/// A property of a member for which it is never unpacked.
public enum MemberFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The name is not UTF-8.
  case noText
  /// The name is a path from the root.
  case absolute
  /// The name has a part `..`.
  case climbing
  /// The name has a backslash, which another system takes for a slash.
  case backslash
  /// The name has control characters.
  case unseen
  /// The name has an empty part, or a part `.` within it.
  case empty
  /// The name, or a part of it, has more bytes than file systems take.
  case long
  /// The member is a link, a device or another thing that is no file.
  case special(String)
  /// The member's content has holes.
  case sparse
  /// The member is encrypted.
  case encrypted
  /// The member is compressed by a method that is not read.
  case compressed(String)
  /// The archive does not say how large the member is.
  case unsized
  /// Another member has the name.
  case repeated
  /// Another member has the name but for capitals, or is a file where this one needs a directory.
  case clashing(with: String)
  /// The archive contradicts itself about the member; the words of libarchive.
  case doubtful(String)

  /// What is the matter with it, in the words after its name.
  public var description: String {
    switch self {
    case .noText: "its name is not UTF-8"
    case .absolute: "its name is an absolute path"
    case .climbing: "its name climbs out of the archive ('..')"
    case .backslash: "its name has a backslash"
    case .unseen: "its name has control characters"
    case .empty: "its name has an empty part"
    case .long: "its name is too long"
    case .special(let what): "it is \(what)"
    case .sparse: "it is a sparse file"
    case .encrypted: "it is encrypted"
    case .compressed(let method): "its compression (\(method)) is not read; deflate and none are"
    case .unsized: "the archive does not state its size"
    case .repeated: "another member has its name"
    case .clashing(let other): "its name clashes with '\(other.visibleLine)'"
    case .doubtful(let words): "the archive contradicts itself: \(words.visibleLine.shortened(to: 300))"
    }
  }
}
