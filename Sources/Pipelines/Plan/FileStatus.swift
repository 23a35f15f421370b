import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the file system says about a file: enough to tell whether it has changed.
struct FileStatus: Equatable {
  var size: Int
  /// Seconds and nanoseconds, as text because a Double cannot hold both.
  var modified: String
  var modifiedSeconds: Double
  var inode: UInt64
  var device: UInt64
  var isDirectory: Bool

  /// Follows links; nil (with `errno` set) where there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    size = Int(status.st_size)
    modified = "\(time.tv_sec).\(time.tv_nsec)"
    modifiedSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
  }
}

/// SHA-256 of a file's content, read in pieces.
enum FileDigest {
  /// The digest in hexadecimal and the number of bytes read.
  ///
  /// - Throws: `TaskFailure` that names the file and the system's reason; `RunCancelled`.
  static func sha256(
    of path: String, cancellation: Cancellation = Cancellation()
  ) throws -> (hexadecimal: String, bytes: Int) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    let hash = SHA256()
    var total = 0
    let capacity = 1 << 20
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    defer { piece.deallocate() }
    while true {
      let count = read(descriptor, piece.baseAddress, capacity)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      if count == 0 { break }
      if cancellation.isCancelled { throw RunCancelled() }
      hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      total += count
    }
    return (hash.hexadecimal(), total)
  }

  private static func failure(_ path: String) -> TaskFailure {
    let code = errno
    return TaskFailure(
      "cannot read \(path): \(String(cString: strerror(code)))",
      exitCode: code == ENOENT ? .noInput : .inputOutput)
  }
}
