import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file system's attributes of a file, which suffice to tell whether it has changed.
package struct FileStatus: Equatable {
  package var size: Int
  /// The time of modification in seconds and nanoseconds, as text because a Double cannot hold both.
  var modified: String
  package var modifiedSeconds: Double
  /// The time at which content, name, owner or rights last changed; unlike ``modified`` no program can set
  /// it.
  package var changed: String
  var inode: UInt64
  var device: UInt64
  package var isDirectory: Bool

  /// Follows links; nil (with `errno` set) where there is no such file.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      let (time, change) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (time, change) = (status.st_mtim, status.st_ctim)
    #endif
    size = Int(status.st_size)
    modified = "\(time.tv_sec).\(time.tv_nsec)"
    modifiedSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    changed = "\(change.tv_sec).\(change.tv_nsec)"
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
  }

  /// The attributes, as one text, that stay the same while a file of one size has not been written to or
  /// replaced.
  package var stamp: String { "\(modified) \(changed) \(inode)" }

  /// Returns whether a recorded stamp is that of the file. Earlier versions recorded the device behind it,
  /// whose number differs from node to node of a cluster.
  package func has(stamp recorded: String?) -> Bool {
    recorded.map { $0 == stamp || $0.hasPrefix(stamp + " ") } ?? false
  }
}
