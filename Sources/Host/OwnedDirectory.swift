import Foundation
import Synchronization

/// A directory that one process has made for itself alone, and that goes with it: what a killed process has
/// left is told by its lock, which the kernel takes away, and removed by the next one.
///
/// The lock is on the regular file `lock` in it, open for writing: NFS holds such locks for all its clients,
/// and one on a directory for the processes of one machine alone.
public final class OwnedDirectory: Sendable {
  /// The directory.
  public let path: String
  /// The directories above it that were made for it, the lowest first.
  private let made: [String]
  /// The descriptor of the lock's file; nil once the directory was removed.
  private let descriptor: Mutex<Int32?>

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
      if let descriptor = try Self.lock(path) {
        self.path = path
        self.descriptor = Mutex(descriptor)
        return
      }
      // Another process has taken it for a left one before the lock.
    }
  }

  deinit { remove() }

  /// Removes the directory with all that is in it, and those above it that were made for it, where nothing
  /// else lies in them.
  public func remove() {
    let descriptor = descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
    guard let descriptor else { return }
    Self.remove(path, holding: descriptor)
    for directory in made where rmdir(directory) != 0 { break }
  }

  /// Removes what killed processes of this user have left in a directory; one that is not there has nothing
  /// in it.
  public static func sweep(_ parent: String) {
    for name in (try? DirectoryListing.names(in: parent)) ?? [] where name.hasPrefix(prefix) {
      let path = parent + "/" + name
      var status = stat()
      if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
        let descriptor = try? lock(path)
      {
        remove(path, holding: descriptor)
      }
    }
  }

  /// Takes the lock of a directory.
  ///
  /// - Returns: a descriptor that holds it; nil where another process does, or has removed the directory.
  private static func lock(_ path: String) throws(SystemError) -> Int32? {
    let file = path + "/lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .last("create", file, isWriting: true)
    }
    // Whoever held it before may have removed the file between the opening and the lock.
    var (own, present) = (stat(), stat())
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &own) == 0, stat(file, &present) == 0,
      own.st_ino == present.st_ino
    {
      return descriptor
    }
    close(descriptor)
    return nil
  }

  private static func remove(_ path: String, holding descriptor: Int32) {
    try? FileManager.default.removeItem(atPath: path)
    close(descriptor)
    // NFS keeps a name for a removed file in the directory for as long as it is open.
    rmdir(path)
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
