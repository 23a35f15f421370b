import Foundation
import Host

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The right to carry out one job, held by one process at a time: the scheduler of a cluster may start a
/// job again elsewhere while its first process still lives.
///
/// The lock is the kernel's, as that of a run is, on `cache/locks/<32 digits>`, which goes with it.
package final class JobLock {
  private let url: URL
  private let descriptor: Int32

  /// Takes the lock of a job or fails at once.
  ///
  /// - Throws: `LockFailure`, exit 75 where another process is at the job, 73 where the lock's file cannot be
  ///   made; `SystemError` where its directory cannot.
  package convenience init(_ job: Job, below output: URL) throws { try self.init(job.id, below: output) }

  /// Takes the lock of a piece of work by its name, as that of a job is taken.
  init(_ name: String, below output: URL) throws {
    try DurableFiles.makeDirectory(Self.directory(below: output))
    url = Self.url(of: name, below: output)
    while true {
      let descriptor: Int32
      do throws(SystemError) {
        descriptor = try RegularFile.open(url.path, O_RDWR | O_CREAT, attempted: "create")
      } catch {
        throw LockFailure.notCreated(error)
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        throw code == EWOULDBLOCK
          ? LockFailure.jobHeld(name) : .notLocked(SystemError("lock", url.path, .number(code)))
      }
      // Whoever held it before may have removed the file between the opening and the lock.
      var (own, present) = (stat(), stat())
      if fstat(descriptor, &own) == 0, stat(url.path, &present) == 0, own.st_ino == present.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  private static func directory(below output: URL) -> URL { output.appendingPathComponent("cache/locks") }

  private static func url(of name: String, below output: URL) -> URL {
    directory(below: output).appendingPathComponent(String(SHA256.hexadecimal(of: name).prefix(32)))
  }

  /// Returns whether some process is at a job.
  static func isHeld(_ job: Job, below output: URL) -> Bool {
    let path = url(of: job.id, below: output).path
    guard let descriptor = try? RegularFile.open(path, O_RDWR, attempted: "open") else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// Removes the files of locks that killed processes have left.
  static func sweep(below output: URL) {
    let directory = directory(below: output)
    for name in (try? DurableFiles.names(in: directory)) ?? [] {
      let path = directory.appendingPathComponent(name).path
      guard let descriptor = try? RegularFile.open(path, O_RDWR, attempted: "open") else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }

  deinit {
    unlink(url.path)
    close(descriptor)
  }
}
