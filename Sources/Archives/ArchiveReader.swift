import CArchive
import Foundation
import Host

/// An archive that is open in libarchive, at one of its headers or behind the last.
///
/// Formats and filters are allowed one by one; all others of libarchive stay shut.
final class ArchiveReader {
  private let path: String
  private let format: ArchiveFormat
  private let handle: OpaquePointer
  private let descriptor: Int32
  /// The number of the header at hand.
  private var index = -1
  private var entry: OpaquePointer?

  /// Opens an archive before its first header.
  ///
  /// - Throws: `ArchiveError`.
  init(_ path: String, _ format: ArchiveFormat) throws(ArchiveError) {
    (self.path, self.format) = (path, format)
    do throws(SystemError) {
      descriptor = try RegularFile.open(path, O_RDONLY, attempted: "read the archive")
    } catch {
      throw ArchiveError(.system(error), path)
    }
    guard let handle = archive_read_new() else {
      close(descriptor)
      throw ArchiveError(.system(SystemError("read", path, .number(ENOMEM))), path)
    }
    self.handle = handle
    let allowed =
      switch format {
      case .zip: [archive_read_support_format_zip_seekable(handle)]
      case .tar: [archive_read_support_format_tar(handle)]
      // Not ARCHIVE_OK where another program would have to decompress.
      case .gzippedTar: [archive_read_support_format_tar(handle), archive_read_support_filter_gzip(handle)]
      }
    precondition(allowed.allSatisfy { $0 == ARCHIVE_OK }, "libarchive lacks \(format.rawValue)")
    let code = TextLocale.use { archive_read_open_fd(handle, descriptor, 1 << 16) }
    guard code == ARCHIVE_OK else { throw failure() }
  }

  deinit {
    archive_read_free(handle)
    close(descriptor)
  }

  /// Bytes that have been read so far of the archive without its compression as a whole.
  var position: Int { Int(archive_filter_bytes(handle, 0)) }

  /// Goes to the next header; nil behind the last.
  ///
  /// - Throws: `ArchiveError` where what follows is no header.
  func next() throws(ArchiveError) -> ArchiveMember? {
    let code = TextLocale.use { archive_read_next_header(handle, &entry) }
    if code == ARCHIVE_EOF { return nil }
    guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { throw failure() }
    index += 1
    let doubt = code == ARCHIVE_WARN ? MemberFault.doubtful(words) : nil
    return TextLocale.use { member(entry, doubt) }
  }

  private func member(_ entry: OpaquePointer, _ doubt: MemberFault?) -> ArchiveMember {
    let bytes = archive_entry_pathname(entry).map { name in
      Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
    }
    let type = archive_entry_filetype(entry)
    let kind: ArchiveMember.Kind = type == S_IFDIR ? .directory : .file
    let size = Int(archive_entry_size(entry))
    func member(_ name: String, _ fault: MemberFault?) -> ArchiveMember {
      ArchiveMember(name: name, kind: kind, size: max(0, size), fault: fault, index: index)
    }
    let name: String
    do throws(MemberFault) {
      guard let bytes else { throw .noText }
      name = try ArchiveMember.path(of: bytes)
    } catch {
      return member(bytes.map { String(decoding: $0, as: UTF8.self) } ?? "member \(index + 1)", error)
    }
    return member(name, doubt ?? fault(of: entry, type, size))
  }

  private func fault(of entry: OpaquePointer, _ type: mode_t, _ size: Int) -> MemberFault? {
    if archive_entry_hardlink(entry) != nil { return .special("a hard link") }
    switch type {
    case S_IFDIR: return nil
    case S_IFREG: break
    case S_IFLNK: return .special("a symbolic link")
    case S_IFCHR, S_IFBLK: return .special("a device")
    case S_IFIFO: return .special("a pipe")
    default: return .special("no plain file")
    }
    if archive_entry_is_encrypted(entry) != 0 { return .encrypted }
    if archive_entry_sparse_count(entry) > 0 { return .sparse }
    guard archive_entry_size_is_set(entry) != 0, size >= 0 else { return .unsized }
    return format == .zip
      ? Self.compressionFault(archive_format_name(handle).map { String(cString: $0) }) : nil
  }

  /// Reads the method from libarchive's name of the format: `ZIP 2.0 (deflation)`.
  private static func compressionFault(_ name: String?) -> MemberFault? {
    let method = (name ?? "").split(separator: "(").last.map { $0.dropLast() } ?? ""
    return ["deflation", "uncompressed"].contains(method) ? nil : .compressed(String(method))
  }

  /// Reads on in the content of the member at hand; 0 at its end.
  ///
  /// - Throws: `ArchiveError` naming the member.
  func read(into buffer: UnsafeMutableRawBufferPointer, of member: ArchiveMember) throws(ArchiveError) -> Int
  {
    let count = archive_read_data(handle, buffer.baseAddress, buffer.count)
    guard count >= 0 else { throw failure(member.name) }
    return count
  }

  private var words: String { archive_error_string(handle).map { String(cString: $0) } ?? "no reason told" }

  /// Returns the error that libarchive has just told.
  private func failure(_ member: String? = nil) -> ArchiveError {
    let (words, number) = (words, archive_errno(handle))
    let problem: ArchiveError.Problem =
      if [EIO, ENOMEM, EISDIR, ESTALE, EACCES].contains(number) {
        .system(SystemError("read", path, .number(number)))
      } else if words.hasPrefix("Unrecognized archive format") {
        format == .zip ? ZipEnding.problem(of: path) : .noArchive
      } else if words.lowercased().contains("truncated") {
        .truncated
      } else {
        .damaged(words)
      }
    return ArchiveError(problem, path, member: member)
  }
}
