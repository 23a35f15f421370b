import Foundation

/// One name in a directory, which need not be text.
public struct DirectoryEntry: Sendable, Hashable {
  /// The name's bytes.
  public let bytes: [UInt8]
  /// The name; nil where its bytes are not UTF-8, so that no text stands for it.
  public let name: String?

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    name = String(validating: bytes, as: UTF8.self)
  }

  /// The name for messages: what is no text, or no visible one, is escaped.
  public var visibleName: String { name?.visibleLine ?? VisibleText.escaped(bytes) }

  /// Returns the entries of a directory but `.` and `..`, sorted by their bytes.
  ///
  /// - Throws: `SystemError` where the directory cannot be listed to its end.
  public static func all(in directory: String) throws(SystemError) -> [DirectoryEntry] {
    try all(in: Array(directory.utf8), named: directory)
  }

  /// Returns the entries of the directory that an entry of `directory` is.
  public func entries(in directory: String) throws(SystemError) -> [DirectoryEntry] {
    try Self.all(in: Array(directory.utf8) + Array("/".utf8) + bytes, named: directory + "/" + visibleName)
  }

  /// Returns whether the entry of `directory` is a directory itself, or a link to one.
  public func isDirectory(in directory: String) -> Bool {
    var status = stat()
    let path = (Array(directory.utf8) + Array("/".utf8) + bytes + [0]).map(CChar.init(bitPattern:))
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func all(in path: [UInt8], named name: String) throws(SystemError) -> [DirectoryEntry] {
    guard let stream = opendir((path + [0]).map(CChar.init(bitPattern:))) else { throw .last("list", name) }
    defer { closedir(stream) }
    var entries: [DirectoryEntry] = []
    while true {
      // The end and a failure look alike but for this.
      errno = 0
      guard let entry = readdir(stream) else { break }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes != Array(".".utf8) && bytes != Array("..".utf8) {
        entries.append(DirectoryEntry(bytes: bytes))
      }
    }
    guard errno == 0 else { throw .last("list", name) }
    return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}
