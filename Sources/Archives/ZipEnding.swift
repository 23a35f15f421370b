import Foundation
import Host

/// The record at the end of a zip file, read to say why a file that begins as one has no directory.
///
/// - Source: PKWARE APPNOTE 6.3.10, 4.3.16: a signature, the number of this part (2 bytes), that of the part
///   where the directory begins (2 bytes).
enum ZipEnding {
  /// Finds out what is the matter with a zip file of which libarchive finds no directory.
  static func problem(of path: String) -> ArchiveError.Problem {
    guard let file = try? RegularFile(path) else { return .noArchive }
    let length = min(file.size, 22 + 65_535)
    guard let tail = try? file.read(length, at: file.size - length), let start = try? file.read(4, at: 0)
    else { return .noArchive }
    // What the first of several parts begins with.
    if Array(start) == [0x50, 0x4B, 0x07, 0x08] { return .inParts }
    let signature = Data([0x50, 0x4B, 0x05, 0x06])
    guard let place = tail.range(of: signature, options: .backwards)?.lowerBound else { return .truncated }
    let record = tail[place...]
    guard record.count >= 8 else { return .truncated }
    let parts = record.dropFirst(4).prefix(4)
    // 0xFFFF: stated elsewhere.
    let isPart = parts.contains { $0 != 0 } && !parts.allSatisfy { $0 == 0xFF }
    return isPart ? .inParts : .damaged("its directory is not where its end says")
  }
}
