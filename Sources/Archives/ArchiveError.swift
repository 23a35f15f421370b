import Host

/// The reason why an archive, or a member of it, is not read.
public struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Problem: Sendable, Hashable {
    /// The operating system did not read the archive, or did not write what was in it.
    case system(SystemError)
    /// The file is neither a zip nor a tar file.
    case noArchive
    /// The file ends before the archive does.
    case truncated
    /// The file is one part of an archive of several files.
    case inParts
    /// The bytes are not those of an archive of its format; the words of libarchive.
    case damaged(String)
    /// The archive has more members than are read.
    case tooManyMembers(limit: Int)
    /// The archive is not the one that was listed.
    case changed
    /// The content of a member is not what the archive says of it.
    case otherSize(stated: Int)
    /// A member is not to be unpacked.
    case fault(MemberFault)
    /// Members have more bytes than are unpacked.
    case tooLarge(bytes: Int, limit: Int)
  }

  /// The archive.
  public let path: String
  /// The member at fault; nil where it is the archive.
  public let member: String?
  /// The failure.
  public let problem: Problem

  /// Creates an error about an archive, or a member of it.
  public init(_ problem: Problem, _ path: String, member: String? = nil) {
    (self.problem, self.path, self.member) = (problem, path, member)
  }

  /// The reason without the path.
  public var reason: String {
    let reason: String
    switch problem {
    case .system(let error): reason = error.reason
    case .noArchive: reason = "it is neither a zip nor a tar file"
    case .truncated: reason = "it is cut short: the file ends before the archive does"
    case .inParts: reason = "it is one part of an archive of several files; join them first"
    case .damaged(let words): reason = "it is damaged: \(words.visibleLine.shortened(to: 300))"
    case .tooManyMembers(let limit): reason = "it has more than \(limit) members"
    case .changed: reason = "it changed while it was read"
    case .otherSize(let stated): reason = "its content is not of the \(stated) bytes that the archive states"
    case .fault(let fault): reason = fault.description
    case .tooLarge(let bytes, let limit): reason = "\(bytes) bytes, of which \(limit) are the most"
    }
    return (member.map { "'\($0.visibleLine.shortened(to: 300))' in it: " } ?? "") + reason
  }

  /// `<path>: cannot read the archive: <reason>`.
  public var description: String { "\(path): cannot read the archive: \(reason)" }
}
