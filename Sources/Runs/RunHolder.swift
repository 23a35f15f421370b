import Foundation
import Host

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process that holds the lock of an output directory, found without taking the lock: a run that begins
/// at that moment must not find it held.
package struct RunHolder: Sendable, Hashable {
  /// The number of the process; nil where it runs on another machine, or nothing says it.
  package let process: Int?
  /// What it calls itself: the id of its run, or `verify`; nil where the file does not say it.
  package let name: String?

  /// Looks for the holder; nil where nobody holds the lock.
  ///
  /// - Parameter isExpected: whether the newest record says that a run is going on. The lock is tried then
  ///   where the system's list does not show it, because the holder may be on another machine.
  package init?(of output: URL, isExpected: Bool) {
    let path = output.appendingPathComponent(RunLock.file).path
    guard let status = FileStatus(path) else { return nil }
    let text =
      (try? RegularFile.contents(of: path, limit: 1 << 12)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let hint = text.firstMatch(of: /pid (\d+), run (\S+)/)
    name = hint.map { String($0.2) }
    if let listed = Self.listed(status) {
      guard let holder = listed else {
        guard isExpected, Self.isLocked(path) else { return nil }
        process = nil
        return
      }
      process = holder
    } else {
      guard Self.isLocked(path) else { return nil }
      process = hint.flatMap { Int($0.1) }
    }
  }

  /// Returns the process that `/proc/locks` lists for a file, `.some(nil)` where it lists none; nil where
  /// there is no such list.
  private static func listed(_ file: FileStatus) -> Int?? {
    guard let data = FileManager.default.contents(atPath: "/proc/locks"), !data.isEmpty else { return nil }
    let (major, minor) = (file.device >> 8 & 0xFFF, file.device & 0xFF | file.device >> 12 & 0xFFF00)
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      // `1: FLOCK  ADVISORY  WRITE 28696 fe:01:123456 0 EOF`
      let words = line.split(separator: " ")
      guard words.count >= 6, words[1] == "FLOCK" else { continue }
      let place = words[5].split(separator: ":")
      guard place.count == 3, UInt64(place[0], radix: 16) == major, UInt64(place[1], radix: 16) == minor,
        UInt64(place[2]) == file.inode
      else { continue }
      return .some(Int(words[4]).flatMap { $0 > 0 ? $0 : nil } ?? 0)
    }
    return .some(nil)
  }

  /// Returns whether a lock that others may share cannot be had.
  private static func isLocked(_ path: String) -> Bool {
    guard let descriptor = try? RegularFile.open(path, O_RDONLY, attempted: "open") else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
