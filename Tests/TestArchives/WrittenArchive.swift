import CArchive
import Foundation

/// What is put into an archive of a test.
package struct WrittenMember {
  package enum Kind { case file, directory, symbolicLink(String), hardLink(String), device, pipe }
  package let name: String
  package let kind: Kind
  package let content: Data

  package init(_ name: String, _ content: Data, _ kind: Kind = .file) {
    (self.name, self.content, self.kind) = (name, content, kind)
  }

  package init(_ name: String, _ text: String = "", _ kind: Kind = .file) {
    self.init(name, Data(text.utf8), kind)
  }
}

/// Writes archives for tests by libarchive, which writes the forbidden as well as the plain.
package enum WrittenArchive {
  package enum Format: String, CaseIterable, Sendable {
    case zip, storedZip, encryptedZip, ustar, pax, gnutar, gzippedTar
    case cpio, sevenZip, bzippedTar, xzTar, gzippedZip
  }

  /// Writes an archive of some members to a path.
  package static func write(_ members: [WrittenMember], _ format: Format, to path: String) {
    let archive = archive_write_new()!
    defer { archive_write_free(archive) }
    let code: Int32 =
      switch format {
      case .zip, .storedZip, .encryptedZip, .gzippedZip: archive_write_set_format_zip(archive)
      case .ustar: archive_write_set_format_ustar(archive)
      case .gnutar: archive_write_set_format_gnutar(archive)
      case .pax, .gzippedTar, .bzippedTar, .xzTar: archive_write_set_format_pax(archive)
      case .cpio: archive_write_set_format_cpio(archive)
      case .sevenZip: archive_write_set_format_7zip(archive)
      }
    precondition(code == ARCHIVE_OK)
    switch format {
    case .storedZip: archive_write_set_options(archive, "zip:compression=store")
    case .encryptedZip:
      archive_write_set_options(archive, "zip:encryption=traditional")
      archive_write_set_passphrase(archive, "secret")
    case .gzippedTar, .gzippedZip: archive_write_add_filter_gzip(archive)
    case .bzippedTar: archive_write_add_filter_bzip2(archive)
    case .xzTar: archive_write_add_filter_xz(archive)
    default: break
    }
    precondition(archive_write_open_filename(archive, path) == ARCHIVE_OK)
    let utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
    let before = uselocale(utf8)
    defer {
      uselocale(before)
      freelocale(utf8)
    }
    for member in members { put(member, into: archive) }
    precondition(archive_write_close(archive) == ARCHIVE_OK, words(archive))
  }

  private static func words(_ archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "no words"
  }

  private static func put(_ member: WrittenMember, into archive: OpaquePointer) {
    let entry = archive_entry_new()!
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, member.name)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 1_700_000_000, 0)
    switch member.kind {
    case .file:
      archive_entry_set_filetype(entry, S_IFREG)
      archive_entry_set_size(entry, Int64(member.content.count))
    case .directory: archive_entry_set_filetype(entry, S_IFDIR)
    case .symbolicLink(let target):
      archive_entry_set_filetype(entry, S_IFLNK)
      archive_entry_set_symlink(entry, target)
    case .hardLink(let target):
      archive_entry_set_filetype(entry, S_IFREG)
      archive_entry_set_hardlink(entry, target)
    case .device: archive_entry_set_filetype(entry, S_IFCHR)
    case .pipe: archive_entry_set_filetype(entry, S_IFIFO)
    }
    precondition(
      archive_write_header(archive, entry) >= ARCHIVE_WARN, words(archive))
    member.content.withUnsafeBytes { bytes in
      guard bytes.count > 0 else { return }
      precondition(archive_write_data(archive, bytes.baseAddress, bytes.count) == bytes.count)
    }
  }

  /// Writes everything below a directory, in the order of the names.
  ///
  /// - Parameter top: the name of the directory that holds it in the archive; its members lie at the top of
  ///   the archive where nil.
  package static func write(
    directory: String, as top: String?, _ format: Format, to path: String
  ) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    let members = try names.compactMap { name -> WrittenMember? in
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: directory + "/" + name, isDirectory: &isDirectory)
      if isDirectory.boolValue { return nil }
      let content = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name))
      return WrittenMember((top.map { $0 + "/" } ?? "") + name, content)
    }
    write(members, format, to: path)
  }
}
