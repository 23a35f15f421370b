import Foundation
import Host

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
