import Foundation
import Host

/// A zip or tar file, listed without unpacking it.
///
/// Whoever sent it may have made it to harm: nothing of it becomes a path or a file before
/// ``check(_:)`` has passed, content is read up to the stated size and no further, and archives within it
/// are files like others.
public struct Archive: Sendable {
  /// The archive's file.
  public let path: String
  /// The archive's format.
  public let format: ArchiveFormat
  /// The files and directories in the order of the archive; its top directory is none of them.
  public let members: [ArchiveMember]
  /// Bytes of the file.
  private let fileSize: Int

  /// The most members of an archive that is read.
  public static let mostMembers = 10_000
  /// The most bytes that are unpacked of one archive.
  public static let mostBytes = 64 << 30

  /// Lists an archive: a zip file by its directory, a tar file from header to header; one in gzip is
  /// decompressed for it.
  ///
  /// - Throws: `ArchiveError` where the file cannot be read, is no archive of these formats, is cut short, is
  ///   a part of several, is damaged, or has more than ``mostMembers`` members.
  public init(path: String) throws(ArchiveError) {
    self.path = path
    do throws(SystemError) {
      let file = try RegularFile(path)
      (format, fileSize) = (try ArchiveFormat(of: file), file.size)
    } catch {
      throw ArchiveError(.system(error), path)
    }
    let reader = try ArchiveReader(path, format)
    var members: [ArchiveMember] = []
    var end = 0
    while let member = try reader.next() {
      guard members.count < Self.mostMembers else {
        throw ArchiveError(.tooManyMembers(limit: Self.mostMembers), path)
      }
      // Asked before libarchive goes over the content: of a tar file it does so by the stated size alone, and
      // takes whatever follows for the end; in gzip it decompresses all of it.
      switch format {
      case .zip: break
      case .tar where member.size > fileSize - reader.position: throw ArchiveError(.truncated, path)
      case .tar: break
      case .gzippedTar: try Self.check(bytes: member.size + reader.position, in: fileSize, path)
      }
      end = reader.position + (member.size + 511) / 512 * 512
      members.append(member)
    }
    // A tar file ends in blocks of zeros: one that was cut between two members has none.
    if format != .zip, reader.position < end + 512 { throw ArchiveError(.truncated, path) }
    members.noteClashes()
    self.members = members.filter { !$0.name.isEmpty }
  }

  /// Refuses members that are never unpacked, and more bytes than an archive of this size honestly holds.
  ///
  /// - Throws: `ArchiveError` naming the first member at fault.
  public func check(_ members: [ArchiveMember]) throws(ArchiveError) {
    var bytes = 0
    for member in members {
      if let fault = member.fault { throw ArchiveError(.fault(fault), path, member: member.name) }
      // Sizes are stated by the archive: their sum may be more than an integer holds.
      let (sum, isTooMuch) = bytes.addingReportingOverflow(member.size)
      bytes = isTooMuch ? .max : sum
      try Self.check(bytes: bytes, in: fileSize, path)
    }
  }

  /// A file of zeros shrinks by deflate to a thousandth, pixels of one value too; beyond a gigabyte nobody
  /// delivers such.
  private static func check(bytes: Int, in fileSize: Int, _ path: String) throws(ArchiveError) {
    let limit = min(mostBytes, max(1 << 30, min(fileSize, 1 << 40) * 200))
    guard bytes <= limit else { throw ArchiveError(.tooLarge(bytes: bytes, limit: limit), path) }
  }

  /// Reads files through in one pass over the archive.
  ///
  /// - Parameter take: gets the bytes of each member in their order, one member after the other, and says
  ///   whether to go on.
  /// - Throws: `ArchiveError`, also where ``check(_:)`` does.
  public func read(
    _ members: [ArchiveMember], _ take: (ArchiveMember, UnsafeRawBufferPointer) -> Bool
  ) throws(ArchiveError) {
    try pass(members) { member, reader throws(ArchiveError) in
      try content(of: member, reader) { take(member, $0) }
    }
  }

  /// Unpacks files to places of the caller's choice, in one pass over the archive. A file is there whole or
  /// not at all; what lay at its place is replaced.
  ///
  /// - Parameter places: the members, each with the path of its file, whose directory is there.
  /// - Throws: `ArchiveError`, also where ``check(_:)`` does; files that were whole by then are left.
  public func unpack(_ places: [(member: ArchiveMember, path: String)]) throws(ArchiveError) {
    let paths = Dictionary(places.map { ($0.member, $0.path) }, uniquingKeysWith: { first, _ in first })
    try pass(places.map(\.member)) { member, reader throws(ArchiveError) in
      try unpack(member, to: paths[member]!, reader)
      return true
    }
  }

  /// Goes over the archive once and stops at some of its files.
  ///
  /// - Parameter body: gets each of them, and says whether to go on.
  private func pass(
    _ members: [ArchiveMember], _ body: (ArchiveMember, ArchiveReader) throws(ArchiveError) -> Bool
  ) throws(ArchiveError) {
    try check(members)
    var wanted = Dictionary(members.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    guard !wanted.isEmpty else { return }
    let reader = try ArchiveReader(path, format)
    while !wanted.isEmpty, let found = try reader.next() {
      guard let member = wanted.removeValue(forKey: found.index) else { continue }
      guard found.name == member.name, found.size == member.size, found.kind == .file else {
        throw ArchiveError(.changed, path, member: member.name)
      }
      guard try body(member, reader) else { return }
    }
    if let missed = wanted.values.first { throw ArchiveError(.changed, path, member: missed.name) }
  }

  /// Bytes that are read at once.
  private static let piece = 1 << 20

  private func unpack(_ member: ArchiveMember, to place: String, _ reader: ArchiveReader) throws(ArchiveError)
  {
    let temporary = place + ".part"
    unlink(temporary)
    let descriptor: Int32
    do throws(SystemError) {
      descriptor = try RegularFile.open(
        temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, attempted: "unpack")
    } catch {
      throw ArchiveError(.system(error), path, member: member.name)
    }
    do throws(ArchiveError) {
      let written = Result { () throws(ArchiveError) in
        try write(member, from: reader, to: descriptor, temporary)
      }
      // A network file system may tell of a full disk only here.
      let isClosed = close(descriptor) == 0
      try written.get()
      guard isClosed, rename(temporary, place) == 0 else {
        throw ArchiveError(.system(Self.lastFailure(place)), path, member: member.name)
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private func write(
    _ member: ArchiveMember, from reader: ArchiveReader, to descriptor: Int32, _ place: String
  ) throws(ArchiveError) {
    var failure: SystemError?
    try content(of: member, reader) { bytes in
      var done = 0
      while done < bytes.count, failure == nil {
        let step = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if step < 0 && errno == EINTR { continue }
        if step <= 0 { failure = Self.lastFailure(place) }
        done += step
      }
      return failure == nil
    }
    if let failure { throw ArchiveError(.system(failure), path, member: member.name) }
  }

  /// Reads the content of the member at hand, of which there is as much as the archive states.
  ///
  /// - Parameter take: gets its bytes in order, and says whether to go on.
  /// - Returns: whether it always did.
  @discardableResult
  private func content(
    of member: ArchiveMember, _ reader: ArchiveReader, _ take: (UnsafeRawBufferPointer) -> Bool
  ) throws(ArchiveError) -> Bool {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
    defer { buffer.deallocate() }
    var total = 0
    while true {
      let count = try reader.read(into: buffer, of: member)
      total += count
      guard total <= member.size, count > 0 || total == member.size else {
        throw ArchiveError(.otherSize(stated: member.size), path, member: member.name)
      }
      if count == 0 { return true }
      guard take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return false }
    }
  }

  private static func lastFailure(_ place: String) -> SystemError {
    SystemError("unpack", place, .number(errno), isWriting: true)
  }
}
