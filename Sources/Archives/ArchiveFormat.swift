import Host

/// A format of archives that is read, told by an archive's first bytes and never by its name.
public enum ArchiveFormat: String, Sendable, CaseIterable {
  /// A zip file, listed by its central directory.
  case zip
  /// A tar file: ustar, pax or GNU.
  case tar
  /// A tar file in gzip, which can be read from its beginning only.
  case gzippedTar = "tar.gz"

  /// The ends of the names that archives have, in lower case.
  public static let extensions = [".zip", ".tar", ".tar.gz", ".tgz"]

  /// Returns the name of a file without the end that names an archive's format; nil where it has none, and
  /// for hidden files.
  public static func stem(of name: String) -> String? {
    let lower = name.lowercased()
    guard !name.hasPrefix("."), let end = extensions.first(where: lower.hasSuffix) else { return nil }
    return String(name.dropLast(end.count))
  }

  /// Tells the format of an open file; what begins as neither a zip nor a gzip file does is taken for a tar
  /// file, which libarchive tells by the checksum of its first header.
  ///
  /// - Throws: `SystemError` where it cannot be read.
  init(of file: borrowing RegularFile) throws(SystemError) {
    let start = Array(try file.read(4, at: 0))
    if start.starts(with: [0x1F, 0x8B]) {
      self = .gzippedTar
    } else if start.starts(with: [0x50, 0x4B]) {
      self = .zip
    } else {
      self = .tar
    }
  }
}
