import Foundation

/// A file that is read and written at places, by several threads at once: it has no position of its own.
public final class PositionedFile: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Opens a file for reading, or makes it for writing.
  ///
  /// - Throws: `SystemError`.
  public init(_ path: String, writing: Bool) throws(SystemError) {
    self.path = path
    descriptor = open(path, writing ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .last(writing ? "create" : "open", path, isWriting: writing)
    }
  }

  /// Makes a file without a name, for writing and reading: it is gone with this object, however the process
  /// ends.
  ///
  /// - Parameter directory: on whose disk it lies.
  /// - Throws: `SystemError`.
  public init(unnamedIn directory: String) throws(SystemError) {
    path = directory
    var name = Array((directory + "/.terrane-tmp-XXXXXX").utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw .last("create a file in", directory, isWriting: true) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(&name)
  }

  deinit { close(descriptor) }

  /// Fills a buffer with the bytes from a place on.
  ///
  /// - Throws: `SystemError`, also where the file ends before.
  public func read(_ buffer: UnsafeMutableRawBufferPointer, at place: Int) throws(SystemError) {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(place + done))
      if count < 0 && errno == EINTR { continue }
      guard count != 0 else { throw SystemError("read", path, .told("the file ends")) }
      guard count > 0 else { throw .last("read", path) }
      done += count
    }
  }

  /// Writes the bytes of values from a place on.
  ///
  /// - Throws: `SystemError`.
  public func write<Element: BitwiseCopyable>(_ values: [Element], at place: Int) throws(SystemError) {
    var failure: SystemError?
    values.withUnsafeBytes { bytes in
      do throws(SystemError) { try write(bytes, at: place) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func write(_ buffer: UnsafeRawBufferPointer, at place: Int) throws(SystemError) {
    var done = 0
    while done < buffer.count {
      let count = pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(place + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .last("write", path, isWriting: true) }
      done += count
    }
  }
}
