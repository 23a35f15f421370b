import Foundation

/// The files that are mapped into this process, libraries among them.
package enum LoadedFiles {
  /// The lines of `/proc/self/maps`. The kernel gives it piece by piece and says that it has no bytes, by
  /// which Foundation takes the first piece for all of it.
  package static var lines: [Substring] {
    let descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &piece, piece.count)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
