import CGDAL
import Foundation

/// An open file whose first failing system call is remembered, whoever asked for it.
///
/// Reads and writes name their place, so that the file has no position of the system's that a failed call
/// could move.
final class SystemFile {
  /// A system call that failed.
  struct Failure: Sendable, Hashable {
    /// The system call that failed: `write`.
    let call: String
    /// The system's number of the reason.
    package let number: Int32

    /// `write: No space left on device`.
    package var description: String { "\(call): \(String(cString: strerror(number)))" }

    /// The raster error that the failure counts as.
    package var code: RasterError.Code {
      switch number {
      case ENOSPC, EDQUOT, EFBIG: .diskFull
      default: .inputOutput
      }
    }
  }

  private let descriptor: Int32
  /// The first failure of a call on this file.
  private(set) var failure: Failure?

  /// Opens a file; nil with `errno` where that fails.
  package init?(_ path: String, flags: Int32) {
    descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
  }

  /// Reads up to `count` bytes and returns how many there were.
  package func read(into buffer: UnsafeMutableRawPointer, count: Int, at place: Int) -> Int {
    var done = 0
    while done < count {
      let step = pread(descriptor, buffer + done, count - done, off_t(place + done))
      if step < 0 && errno == EINTR { continue }
      if step < 0 { remember("read") }
      if step <= 0 { break }
      done += step
    }
    return done
  }

  /// Writes `count` bytes and returns how many were taken; fewer are a failure.
  package func write(_ buffer: UnsafeRawPointer, count: Int, at place: Int) -> Int {
    var done = 0
    while done < count {
      let step = pwrite(descriptor, buffer + done, count - done, off_t(place + done))
      if step < 0 && errno == EINTR { continue }
      if step <= 0 {
        remember("write")
        break
      }
      done += step
    }
    return done
  }

  /// The number of bytes in the file.
  package var size: Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      remember("stat")
      return 0
    }
    return Int(status.st_size)
  }

  /// Cuts the file, or makes it longer.
  func truncate(to size: Int) -> Bool {
    if ftruncate(descriptor, off_t(size)) == 0 { return true }
    remember("truncate")
    return false
  }

  /// Closes the file; network file systems say only then that bytes were lost.
  package func end() -> Bool {
    if close(descriptor) == 0 || errno == EINTR { return true }
    remember("close")
    return false
  }

  private func remember(_ call: String) {
    if failure == nil { failure = Failure(call: call, number: errno) }
  }
}
