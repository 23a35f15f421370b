import Foundation
import Host

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The right to write below an output directory, held by one process at a time.
///
/// The lock is the kernel's (`flock` on an open file): it ends with the process however that ends, so no
/// stale lock can be. The process id in the file is for people.
public final class RunLock {
  private let descriptor: Int32

  /// The name of its file in the output directory.
  static let file = ".terrane.lock"

  /// Takes the lock of `output` or fails at once.
  ///
  /// - Throws: `LockFailure`, exit 75 where another run holds it, 73 where the lock's file cannot be made.
  public init(output: URL, runID: String) throws(LockFailure) {
    let url = output.appendingPathComponent(Self.file)
    do throws(SystemError) {
      descriptor = try RegularFile.open(url.path, O_RDWR | O_CREAT, attempted: "create")
    } catch {
      throw .notCreated(error)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let holder =
        (try? RegularFile.contents(of: url.path, limit: 1 << 12)).map { String(decoding: $0, as: UTF8.self) }?
        .trimmingCharacters(in: .newlines) ?? ""
      close(descriptor)
      throw code == EWOULDBLOCK
        ? .runHeld(output: output.path, holder: holder)
        : .notLocked(SystemError("lock", url.path, .number(code)))
    }
    let hint = Array("pid \(getpid()), run \(runID)\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = hint.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    close(descriptor)
  }
}
