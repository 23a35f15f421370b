import Host

/// A file or directory in an archive, as its header describes it.
public struct ArchiveMember: Sendable, Hashable {
  /// The kinds of members that there may be; others are faults.
  public enum Kind: Sendable, Hashable {
    /// A plain file.
    case file
    /// A directory.
    case directory
  }

  /// The path below the archive's top, without `./` before it and a slash behind it; where ``fault`` says
  /// that it is none, what is shown of it.
  public let name: String
  /// The kind of member.
  public let kind: Kind
  /// Bytes of content as the archive states them; a file's content is never read beyond them.
  public let size: Int
  /// The reason why the member is never unpacked; nil for a plain one.
  public internal(set) var fault: MemberFault?
  /// The number of its header in the archive, from 0.
  let index: Int

  /// The parts of its name.
  public var parts: [Substring] { name.split(separator: "/") }

  /// The last part of its name.
  public var lastName: String { parts.last.map(String.init) ?? "" }

  /// Bytes that a name may have, and a part of one.
  static let (longestName, longestPart) = (1024, 255)

  /// Checks the bytes of a name, and returns the path that it is below the archive's top; an empty one for
  /// the top itself.
  static func path(of bytes: [UInt8]) throws(MemberFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .noText }
    guard text.unicodeScalars.allSatisfy(VisibleText.isVisible) else { throw .unseen }
    if text.hasPrefix("/") { throw .absolute }
    if text.utf8.contains(UInt8(ascii: "\\")) { throw .backslash }
    var parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.last == "" { parts.removeLast() }
    if parts.first == "." { parts.removeFirst() }
    if parts.contains("..") { throw .climbing }
    if parts.contains("") || parts.contains(".") { throw .empty }
    guard text.utf8.count <= longestName, parts.allSatisfy({ $0.utf8.count <= longestPart }) else {
      throw .long
    }
    return parts.joined(separator: "/")
  }
}

extension [ArchiveMember] {
  /// Notes the faults that members have beside each other: repeated names, names that differ by capitals
  /// alone, and files that lie where others need directories.
  mutating func noteClashes() {
    // What stands at each path, by a form without capitals; directories that no header names, too.
    var taken: [String: (path: Substring, isDirectory: Bool, isNamed: Bool)] = [:]
    for index in indices where self[index].fault == nil && !self[index].name.isEmpty {
      let (name, isDirectory) = (self[index].name, self[index].kind == .directory)
      let ends = name.indices.filter { name[$0] == "/" } + [name.endIndex]
      for end in ends {
        let path = name[..<end]
        let (isWhole, key) = (end == name.endIndex, path.lowercased())
        let isFolder = isDirectory || !isWhole
        guard let other = taken[key] else {
          taken[key] = (path, isFolder, isWhole)
          continue
        }
        if other.path.utf8.elementsEqual(path.utf8), other.isDirectory, isFolder { continue }
        self[index].fault =
          other.path.utf8.elementsEqual(path.utf8) && isWhole && other.isNamed && !other.isDirectory
            && !isDirectory ? .repeated : .clashing(with: String(other.path))
        break
      }
    }
  }
}
