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
  package init(_ job: Job, below output: URL) throws {
    let directory = output.appendingPathComponent("cache/locks")
    try DurableFiles.makeDirectory(directory)
    url = directory.appendingPathComponent(String(SHA256.hexadecimal(of: job.id).prefix(32)))
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
          ? LockFailure.jobHeld(job.id) : .notLocked(SystemError("lock", url.path, .number(code)))
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

  /// Removes the files of locks that killed processes have left.
  static func sweep(below output: URL) {
    let directory = output.appendingPathComponent("cache/locks")
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
