import Foundation

/// A regular file that is open for reading.
///
/// Everything that terrane opens by name is opened here, or checked here before a library opens it: what lies
/// in a directory of inputs may be a pipe, on which an ordinary open waits for ever, or a device that never
/// ends.
public struct RegularFile: ~Copyable, Sendable {
  /// The path as given.
  public let path: String
  /// Bytes of content.
  public let size: Int
  /// Bytes that the file takes on the disk; far fewer than ``size`` where it is sparse.
  public let allocated: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `SystemError` with the system's reason, or because the path names no regular file.
  public init(_ path: String) throws(SystemError) {
    self.path = path
    let status: stat
    (descriptor, status) = try Self.opened(path, O_RDONLY, attempted: "read")
    (size, allocated) = (Int(status.st_size), Int(status.st_blocks) * 512)
  }

  deinit { close(descriptor) }

  /// Checks that a path names a regular file, and opens nothing.
  ///
  /// - Throws: `SystemError`.
  public static func check(_ path: String, attempted: String = "read") throws(SystemError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .last(attempted, path) }
    try check(status, path, attempted, isWriting: false)
  }

  /// Opens a regular file with `flags`, without waiting, and gives its descriptor, which the caller closes.
  ///
  /// - Throws: `SystemError`.
  public static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0o644, attempted: String
  ) throws(SystemError) -> Int32 {
    try opened(path, flags, mode: mode, attempted: attempted).descriptor
  }

  private static func opened(
    _ path: String, _ flags: Int32, mode: mode_t = 0o644, attempted: String
  ) throws(SystemError) -> (descriptor: Int32, status: stat) {
    let isWriting = flags & O_ACCMODE != O_RDONLY
    var status = stat()
    // Asked before the file is opened: opening alone moves some devices.
    if stat(path, &status) == 0 { try check(status, path, attempted, isWriting: isWriting) }
    var descriptor: Int32
    repeat {
      descriptor = Foundation.open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw .last(attempted, path, isWriting: isWriting) }
    do throws(SystemError) {
      guard fstat(descriptor, &status) == 0 else { throw .last(attempted, path, isWriting: isWriting) }
      try check(status, path, attempted, isWriting: isWriting)
    } catch {
      close(descriptor)
      throw error
    }
    return (descriptor, status)
  }

  private static func check(
    _ status: stat, _ path: String, _ attempted: String, isWriting: Bool
  ) throws(SystemError) {
    let what: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: what = "a directory"
    case S_IFIFO: what = "a pipe"
    case S_IFSOCK: what = "a socket"
    case S_IFCHR, S_IFBLK: what = "a device"
    default: what = "of another kind"
    }
    throw SystemError(attempted, path, .notRegular(what), isWriting: isWriting)
  }

  /// Reads on; 0 at the end of the file.
  ///
  /// - Throws: `SystemError`.
  public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw .last("read", path) }
    }
  }

  /// Reads some bytes from anywhere in the file; fewer where it ends before.
  ///
  /// - Throws: `SystemError`.
  public borrowing func read(_ count: Int, at place: Int) throws(SystemError) -> Data {
    // The file's end bounds what is made room for.
    let room = max(0, min(count, size - place))
    guard room > 0 else { return Data() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { buffer.deallocate() }
    return Data(bytes: buffer.baseAddress!, count: try fill(buffer, from: place))
  }

  /// Fills `buffer` with the bytes from `place` on; several threads may do so at once.
  ///
  /// - Throws: `SystemError`, also where the file ends before: it was cut short since it was opened.
  public borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, at place: Int
  ) throws(SystemError) {
    guard try fill(buffer, from: place) == buffer.count else {
      throw SystemError("read", path, .told("it became shorter while it was read"))
    }
  }

  /// - Returns: how many bytes there were.
  private borrowing func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from place: Int
  ) throws(SystemError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(place) + off_t(done))
      if count == 0 { break }
      if count > 0 { done += count } else if errno != EINTR { throw .last("read", path) }
    }
    return done
  }

  /// Reads the whole file.
  ///
  /// - Parameter limit: the most bytes that are read.
  /// - Throws: `SystemError`.
  public static func contents(of path: String, limit: Int = .max) throws(SystemError) -> Data {
    let file = try RegularFile(path)
    guard file.size <= limit else {
      throw SystemError("read", path, .tooLarge(bytes: file.size, limit: limit))
    }
    var data = Data(capacity: file.size)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let count = try file.read(into: piece)
      if count == 0 { return data }
      data.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<count]))
      guard data.count <= limit else {
        throw SystemError("read", path, .tooLarge(bytes: data.count, limit: limit))
      }
    }
  }

  /// Whether so many more descriptors are to be had, which libraries open without a word of what failed.
  ///
  /// - Throws: `SystemError` where the process may open no more.
  public borrowing func checkSpareDescriptors(_ count: Int) throws(SystemError) {
    var spare: [Int32] = []
    defer { for descriptor in spare { close(descriptor) } }
    for _ in 0..<count {
      let descriptor = fcntl(self.descriptor, F_DUPFD_CLOEXEC, 0)
      guard descriptor >= 0 else { throw .last("read", path) }
      spare.append(descriptor)
    }
  }
}

extension RegularFile {
  /// Writes a file, in place of a regular file of that name.
  ///
  /// - Parameter isNew: whether there must be no such file yet.
  /// - Throws: `SystemError`; what was written until then is left.
  public static func write(_ data: Data, to path: String, isNew: Bool = false) throws(SystemError) {
    let descriptor = try open(
      path, O_WRONLY | O_CREAT | (isNew ? O_EXCL : 0), mode: 0o666, attempted: "write")
    var failure: SystemError?
    if ftruncate(descriptor, 0) != 0 { failure = .last("write", path, isWriting: true) }
    data.withUnsafeBytes { bytes in
      var place = 0
      while place < bytes.count, failure == nil {
        let count = Foundation.write(descriptor, bytes.baseAddress! + place, bytes.count - place)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { failure = .last("write", path, isWriting: true) }
        place += count
      }
    }
    // A network file system may tell of a full disk only here.
    if close(descriptor) != 0, failure == nil { failure = .last("write", path, isWriting: true) }
    if let failure { throw failure }
  }
}
