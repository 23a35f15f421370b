import Archives
import Foundation
import Host
import TestArchives
import Testing

/// A directory of one test, removed with it.
final class Desk {
  let path = NSTemporaryDirectory() + "terrane-archives-" + UUID().uuidString

  init() { try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func archive(_ members: [WrittenMember], _ format: WrittenArchive.Format = .zip) -> String {
    WrittenArchive.write(members, format, to: file("archive"))
    return file("archive")
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name))) }

  /// Unpacks all files of an archive, each under its number; returns how many there were.
  func unpackAll(_ archive: Archive) throws(ArchiveError) -> Int {
    let files = archive.members.filter { $0.kind == .file }
    try archive.unpack(files.enumerated().map { ($0.element, file("\($0.offset)")) })
    return files.count
  }
}

private let read: [WrittenArchive.Format] = [.zip, .storedZip, .ustar, .pax, .gnutar, .gzippedTar]

@Suite("Zip and tar files")
struct ArchiveTests {
  private let desk = Desk()
  private let noise = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })

  @Test("Each format is listed, and unpacked as it was packed", arguments: read)
  func formats(format: WrittenArchive.Format) throws {
    let written = [
      WrittenMember("X/", "", .directory), WrittenMember("X/a.txt", "one"),
      WrittenMember("X/deep/b.bin", noise), WrittenMember("X/empty"),
      WrittenMember("X/inner.zip", "PK not looked into"), WrittenMember("X/Grüße €.txt", "two"),
    ]
    let archive = try Archive(path: desk.archive(written, format))
    #expect(archive.members.map(\.name) == ["X"] + written.dropFirst().map(\.name))
    #expect(archive.members.map(\.kind) == [.directory] + Array(repeating: .file, count: 5))
    #expect(archive.members.map(\.size) == written.map(\.content.count))
    try archive.check(archive.members)
    #expect(try desk.unpackAll(archive) == 5)
    for (index, member) in written.dropFirst().enumerated() {
      #expect(try desk.bytes("\(index)") == member.content, "\(member.name)")
    }
  }

  @Test("What is unpacked takes the place of what was there, and nothing else is written")
  func chosen() throws {
    let archive = try Archive(path: desk.archive([WrittenMember("a", "one"), WrittenMember("b", "two")]))
    try Data("old and longer".utf8).write(to: URL(fileURLWithPath: desk.file("place")))
    try archive.unpack([(archive.members[1], desk.file("place"))])
    #expect(try desk.bytes("place") == Data("two".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.path).sorted() == ["archive", "place"])
  }

  @Test("The stem of a name is what stands before the end of an archive's name")
  func stems() {
    let stems = ["a.zip", "A.SAFE.ZIP", "b.tar", "b.tar.gz", "c.tgz", "c.gz", ".zip", "zip", "d.tif"]
      .map(ArchiveFormat.stem)
    #expect(stems == ["a", "A.SAFE", "b", "b", "c", nil, nil, nil, nil])
  }

  @Test(
    "Other formats and filters stay shut",
    arguments: [
      WrittenArchive.Format.cpio, .sevenZip, .bzippedTar, .xzTar, .gzippedZip,
    ])
  func otherFormats(format: WrittenArchive.Format) throws {
    let path = desk.archive([WrittenMember("a", "one")], format)
    #expect(throws: ArchiveError(.noArchive, path)) { try Archive(path: path) }
  }

  @Test("What is no archive, or no file, is told with its path")
  func noArchive() throws {
    for text in ["", "PK", "words", String(repeating: "long ", count: 9999)] {
      let path = desk.file("words.tar")
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: ArchiveError.self) { try Archive(path: path) }
      #expect(error?.path == path && [.noArchive, .truncated].contains(error?.problem), "\(error!)")
    }
    let missing = #expect(throws: ArchiveError.self) { try Archive(path: desk.file("missing.zip")) }
    #expect(missing?.problem == .system(SystemError("read", desk.file("missing.zip"), .number(ENOENT))))
    let folder = #expect(throws: ArchiveError.self) { try Archive(path: desk.path) }
    #expect(folder?.reason == "not a regular file (a directory)")
    let pipe = desk.file("pipe.zip")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: ArchiveError.self) { try Archive(path: pipe) }
  }

  @Test("An archive that is another than the one listed is not unpacked")
  func replaced() throws {
    let archive = try Archive(path: desk.archive([WrittenMember("a", "one"), WrittenMember("b", "two")]))
    _ = desk.archive([WrittenMember("a", "one"), WrittenMember("c", "two")])
    #expect(throws: ArchiveError(.changed, archive.path, member: "b")) { try desk.unpackAll(archive) }
    _ = desk.archive([WrittenMember("a", "one")])
    #expect(throws: ArchiveError(.changed, archive.path, member: "b")) { try desk.unpackAll(archive) }
  }
}
