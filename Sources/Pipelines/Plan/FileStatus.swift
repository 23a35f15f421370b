import Foundation
import Host
import Rasters

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
  /// When content, name, owner or rights last changed; unlike ``modified`` no program can set it.
  var changed: String
  var inode: UInt64
  var device: UInt64
  var isDirectory: Bool

  /// Follows links; nil (with `errno` set) where there is no such file.
  init?(_ path: String) {
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

  /// What vouches for a file of one size that it is the same and has not been written to, as one text.
  var stamp: String { "\(modified) \(changed) \(inode) \(device)" }
}

/// SHA-256 of a file's content, read in pieces.
enum FileDigest {
  /// The digest in hexadecimal and the number of bytes read.
  ///
  /// - Throws: `SystemError` that names the file and the system's reason, also where it is no regular file;
  ///   `TaskFailure` for one of gigabytes that are not there; `RunCancelled`.
  static func sha256(
    of path: String, cancellation: Cancellation = Cancellation()
  ) throws -> (hexadecimal: String, bytes: Int) {
    let file = try RegularFile(path)
    try refuseEmptyGiant(file)
    let hash = SHA256()
    var total = 0
    let capacity = 1 << 20
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    defer { piece.deallocate() }
    while true {
      let count = try file.read(into: piece)
      if count == 0 { break }
      if cancellation.isCancelled { throw RunCancelled() }
      hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      total += count
    }
    return (hash.hexadecimal(), total)
  }

  /// Refuses a file of which next to nothing is on the disk, unless it is a raster that is as large as it
  /// says: hashing would read zeros for hours.
  private static func refuseEmptyGiant(_ file: borrowing RegularFile) throws {
    guard file.size > 1 << 30, file.allocated < file.size / 64 else { return }
    // Overviews and masks take less than the pixels again.
    if let raster = try? RasterFile(path: file.path), Double(file.size) <= 4 * raster.declaredBytes { return }
    throw TaskFailure(
      "cannot read \(file.path): \(file.size) bytes, of which \(file.allocated) are stored: a sparse file, and no raster of that size",
      exitCode: .badData)
  }
}
