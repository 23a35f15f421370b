import Archives
import Foundation
import Host
import TestArchives
import Testing

/// Archives that were made to harm.
@Suite("Archives that are not to be trusted")
struct HostileArchiveTests {
  private let desk = Desk()

  /// Returns the fault of each member by its name, plain ones left out.
  private func faults(_ members: [WrittenMember], _ format: WrittenArchive.Format) throws -> [MemberFault] {
    let archive = try Archive(path: desk.archive(members, format))
    let faults = archive.members.compactMap(\.fault)
    if !faults.isEmpty {
      let error = #expect(throws: ArchiveError.self) { try desk.unpackAll(archive) }
      #expect(error.map { if case .fault = $0.problem { true } else { false } } == true, "\(error!)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: desk.path) == ["archive"])
    }
    return faults
  }

  @Test(
    "Names that are no plain relative paths are faults",
    arguments: [
      ("/etc/passwd", MemberFault.absolute), ("../up", .climbing), ("a/../../up", .climbing),
      ("a/..", .climbing), ("a//b", .empty),
      ("a/./b", .empty), ("a\nb", .unseen), ("a\u{1B}[2Jb", .unseen), ("a\u{202E}b", .unseen),
      (String(repeating: "n", count: 256), .long),
      (String(repeating: "long/", count: 210) + "name", .long),
    ])
  func names(name: String, fault: MemberFault) throws {
    for format in [WrittenArchive.Format.zip, .pax, .gzippedTar] {
      #expect(try faults([WrittenMember("a.txt", "plain"), WrittenMember(name, "x")], format) == [fault])
    }
  }

  @Test("A backslash is a fault in tar files; of zip files libarchive makes slashes of them")
  func backslashes() throws {
    let written = [WrittenMember("a\\b", "x"), WrittenMember("..\\up", "x")]
    #expect(try faults(written, .ustar) == [.backslash, .backslash])
    #expect(try faults(written, .zip) == [.climbing])
  }

  @Test("A leading './' and the top directory itself are plain")
  func dots() throws {
    let written = [
      WrittenMember("./", "", .directory), WrittenMember("./a/", "", .directory), WrittenMember("./a/b", "x"),
    ]
    let archive = try Archive(path: desk.archive(written, .ustar))
    #expect(archive.members.map(\.name) == ["a", "a/b"] && archive.members.allSatisfy { $0.fault == nil })
  }

  @Test("Names that are no UTF-8 are faults")
  func noText() throws {
    let path = desk.archive([WrittenMember("b.ZZ", "x")], .storedZip)
    try Damage.replace(Array("b.ZZ".utf8), by: Array("b.".utf8) + [0xE9, 0xFF], in: path)
    #expect(try Archive(path: path).members.map(\.fault) == [.noText])
  }

  @Test("Links, devices and pipes are faults")
  func special() throws {
    let found = try faults(
      [
        WrittenMember("file", "x"), WrittenMember("link", "", .symbolicLink("/etc/passwd")),
        WrittenMember("hard", "", .hardLink("file")), WrittenMember("device", "", .device),
        WrittenMember("pipe", "", .pipe),
      ], .ustar)
    #expect(
      found == [
        .special("a symbolic link"), .special("a hard link"), .special("a device"), .special("a pipe"),
      ])
    #expect(try faults([WrittenMember("l", "", .symbolicLink("x"))], .zip) == [.special("a symbolic link")])
  }

  @Test("Repeated names, names that differ by capitals, and files where directories lie are faults")
  func clashes() throws {
    for format in [WrittenArchive.Format.zip, .ustar] {
      let member = { WrittenMember($0, "x") }
      #expect(try faults(["a/b", "a/b"].map(member), format) == [.repeated])
      #expect(try faults(["a/b", "a/B"].map(member), format) == [.clashing(with: "a/b")])
      #expect(try faults(["A/b", "a/c"].map(member), format) == [.clashing(with: "A")])
      #expect(try faults(["a", "a/c"].map(member), format) == [.clashing(with: "a")])
      #expect(try faults(["a/c", "a"].map(member), format) == [.clashing(with: "a")])
      #expect(try faults(["a/c", "a/d", "ab"].map(member), format) == [])
    }
  }

  @Test("Encrypted members are faults")
  func encrypted() throws {
    #expect(try faults([WrittenMember("a", "secret")], .encryptedZip) == [.encrypted])
  }

  @Test("Methods of compression but deflate are faults")
  func methods() throws {
    let path = desk.archive([WrittenMember("a", "stored")], .storedZip)
    // Method 12, bzip2, in the local header and in the directory.
    try Damage.setZipField(in: path, local: (8, [12, 0]), central: (10, [12, 0]))
    let fault = try #require(try Archive(path: path).members[0].fault)
    #expect(fault == .compressed("bzip"))
  }

  @Test("Content is read up to the stated size, and one of another size is not there")
  func lyingSizes() throws {
    let content = Data((0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 3) })
    for stated in [10, 49_999, 50_001, 900_000] {
      for format in [WrittenArchive.Format.zip, .storedZip] {
        let path = desk.archive([WrittenMember("a", content)], format)
        try Damage.setZipField(
          in: path, local: (22, Damage.bytes(stated)), central: (24, Damage.bytes(stated)))
        let archive = try Archive(path: path)
        #expect(throws: ArchiveError.self) { try desk.unpackAll(archive) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: desk.path) == ["archive"])
      }
    }
  }

  @Test("Content that has not the stated checksum is not there")
  func checksum() throws {
    let path = desk.archive([WrittenMember("a", "the content of the member")], .storedZip)
    try Damage.replace(Array("content".utf8), by: Array("CONTENT".utf8), in: path)
    let archive = try Archive(path: path)
    #expect(throws: ArchiveError.self) { try desk.unpackAll(archive) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.path) == ["archive"])
  }

  @Test("More bytes than an archive of its size holds are refused before one is unpacked")
  func bombs() throws {
    // A zip of a few hundred bytes that states three members of 500 MB each.
    let members = (0..<3).map { WrittenMember("\($0)", "x") }
    let path = desk.archive(members, .storedZip)
    for _ in members {
      try Damage.setZipField(
        in: path, local: (22, Damage.bytes(500_000_000)), central: (24, Damage.bytes(500_000_000)), all: true)
    }
    let archive = try Archive(path: path)
    #expect(throws: ArchiveError(.tooLarge(bytes: 1_500_000_000, limit: 1 << 30), path)) {
      try archive.check(archive.members)
    }
    #expect(throws: ArchiveError.self) { try desk.unpackAll(archive) }
    // A tar file in gzip whose header states 2 GiB, and which has no more than that.
    let header = Damage.tarHeader("big", size: 2 << 30)
    try Damage.gzip(header, to: desk.file("archive"))
    #expect(
      throws: ArchiveError(.tooLarge(bytes: (2 << 30) + 512, limit: 1 << 30), desk.file("archive"))
    ) { try Archive(path: desk.file("archive")) }
  }

  @Test("Too many members are refused")
  func count() throws {
    let members = (0...Archive.mostMembers).map { WrittenMember("\($0)") }
    for format in [WrittenArchive.Format.storedZip, .ustar] {
      let path = desk.archive(members, format)
      #expect(throws: ArchiveError(.tooManyMembers(limit: Archive.mostMembers), path)) {
        try Archive(path: path)
      }
    }
    #expect(try Archive(path: desk.archive(members.dropLast(), .ustar)).members.count == Archive.mostMembers)
  }

  @Test("One part of a zip of several files says so")
  func parts() throws {
    let path = desk.archive([WrittenMember("a", "x")], .storedZip)
    let whole = try desk.bytes("archive")
    // The last part: its number stands at the end.
    try Damage.setZipEnd(in: path, at: 4, to: [1, 0, 0, 0])
    #expect(throws: ArchiveError(.inParts, path)) { try Archive(path: path) }
    // The first one: another signature, and no directory.
    try (Data([0x50, 0x4B, 0x07, 0x08]) + whole.prefix(30)).write(to: URL(fileURLWithPath: path))
    #expect(throws: ArchiveError(.inParts, path)) { try Archive(path: path) }
  }

  @Test(
    "An archive that is cut short anywhere is not listed",
    arguments: [WrittenArchive.Format.zip, .storedZip, .ustar, .pax, .gnutar, .gzippedTar])
  func cut(format: WrittenArchive.Format) throws {
    let noise = Data((0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })
    let path = desk.archive([WrittenMember("a", noise), WrittenMember("b", noise)], format)
    let whole = try desk.bytes("archive")
    // Of tar files what stands behind the first block of the end says nothing.
    let isTar = ![.zip, .storedZip, .gzippedTar].contains(format)
    let end = isTar ? whole.lastIndex { $0 != 0 }! / 512 * 512 + 1024 : whole.count
    for length in stride(from: 0, to: end, by: 37) {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: ArchiveError.self, "\(length) of \(whole.count)") {
        try Archive(path: path)
      }
      guard length >= 512 else { continue }
      #expect(error?.problem == .truncated, "\(length) of \(whole.count): \(error!)")
    }
    // Between two members, too, where nothing is torn.
    guard isTar else { return }
    try whole.prefix(512 + 3072).write(to: URL(fileURLWithPath: path))
    #expect(throws: ArchiveError.self) { try Archive(path: path) }
  }

  @Test("Damaged archives are refused or unpacked to what they state, and never more", arguments: 0..<12)
  func damaged(seed: Int) throws {
    let formats: [WrittenArchive.Format] = [.zip, .storedZip, .ustar, .pax, .gnutar, .gzippedTar]
    let format = formats[seed % formats.count]
    let noise = Data((0..<2_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })
    let path = desk.archive(
      [
        WrittenMember("X.SAFE/", "", .directory), WrittenMember("X.SAFE/a.xml", "<x/>"),
        WrittenMember("X.SAFE/b.jp2", noise), WrittenMember("X.SAFE/c/d.jp2", noise),
      ], format)
    let whole = try desk.bytes("archive")
    var (random, refused) = (Damage.Numbers(seed: UInt64(seed) + 7), 0)
    for _ in 0..<60 {
      var bytes = whole
      for _ in 0...random.below(6) {
        switch random.below(4) {
        case 0: bytes = bytes.prefix(random.below(bytes.count + 1))
        case 1 where bytes.count > 8:
          let (from, to) = (random.below(bytes.count - 4), random.below(bytes.count - 4))
          for step in 0..<4 { bytes[to + step] = bytes[from + step] }
        default:
          guard !bytes.isEmpty else { break }
          bytes[random.below(bytes.count)] = [0, 0xFF, 0x7F, UInt8(random.below(256))][random.below(4)]
        }
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let archive = try Archive(path: path)
        let plain = archive.members.filter { $0.fault == nil && $0.kind == .file }
        try archive.unpack(plain.enumerated().map { ($0.element, desk.file("\($0.offset)")) })
        for (index, member) in plain.enumerated() {
          #expect(try desk.bytes("\(index)").count == member.size)
        }
      } catch is ArchiveError {
        refused += 1
      }
      for name in try FileManager.default.contentsOfDirectory(atPath: desk.path) {
        #expect(!name.hasSuffix(".part"))
        if name != "archive" { try FileManager.default.removeItem(atPath: desk.file(name)) }
      }
    }
    #expect(refused > 10 && refused <= 60)
  }
}
