import Foundation

/// A directory that one process has made for itself alone, and that goes with it: what a killed process has
/// left is told by its lock, which the kernel takes away, and removed by the next one.
public final class OwnedDirectory: Sendable {
  /// The directory.
  public let path: String
  /// The directories above it that were made for it, the lowest first.
  private let made: [String]
  private let descriptor: Int32

  private static let prefix = "terrane-unpacked-"

  /// Makes a directory, and those above it, where others of killed processes are removed.
  ///
  /// - Throws: `SystemError`.
  public init(in parent: String) throws(SystemError) {
    made = try Self.make(parent)
    Self.sweep(parent)
    while true {
      let path = parent + "/" + Self.prefix + UUID().uuidString.lowercased()
      guard mkdir(path, 0o700) == 0 else { throw .last("create", path, isWriting: true) }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .last("open", path) }
      // Another process may have taken it for a left one before the lock.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isAt(path, descriptor) {
        (self.path, self.descriptor) = (path, descriptor)
        return
      }
      close(descriptor)
    }
  }

  deinit {
    remove()
    close(descriptor)
  }

  /// Removes the directory with all that is in it, and those above it that were made for it, where nothing
  /// else lies in them.
  public func remove() {
    try? FileManager.default.removeItem(atPath: path)
    for directory in made where rmdir(directory) != 0 { break }
  }

  /// Removes what killed processes of this user have left in a directory; one that is not there has nothing
  /// in it.
  public static func sweep(_ parent: String) {
    for name in (try? DirectoryListing.names(in: parent)) ?? [] where name.hasPrefix(prefix) {
      let path = parent + "/" + name
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_uid == geteuid(),
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
      {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }

  private static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
    var (own, present) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &present) == 0 && own.st_ino == present.st_ino
  }

  /// Makes a directory and those above it.
  ///
  /// - Returns: those that were not there, the lowest first.
  private static func make(_ path: String) throws(SystemError) -> [String] {
    if mkdir(path, 0o755) == 0 { return [path] }
    if errno == EEXIST { return [] }
    let above = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard errno == ENOENT, above != path else { throw .last("create", path, isWriting: true) }
    let made = try make(above)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last("create", path, isWriting: true) }
    return [path] + made
  }
}
