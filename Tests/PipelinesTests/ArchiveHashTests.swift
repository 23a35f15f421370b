import Foundation
import Runs
import Testing

@Suite("Hashes of files in archives")
struct ArchiveHashTests {
  private let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("terrane-hashes-\(UUID().uuidString)")
  private let contents = ["b/two.tif": "two", "a.tif": "one", "MTL.txt": "words", "empty.tif": ""]

  private func write(_ text: String, to url: URL) throws {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  @Test("The hash of a product in an archive is that of its folder, and is remembered by the archive's state")
  func same() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let (folder, layout) = (
      directory.appendingPathComponent("folder"), directory.appendingPathComponent("layout")
    )
    let (archive, store) = (
      directory.appendingPathComponent("x.zip"), directory.appendingPathComponent("hashes.jsonl")
    )
    for (name, text) in contents { try write(text, to: folder.appendingPathComponent(name)) }
    try write("an archive", to: archive)
    let names = ["b/two.tif", "a.tif", "empty.tif", "MTL.txt"]
    let plain = try ContentHashes(store: nil, kinds: .plain).content(
      of: names.map(folder.appendingPathComponent), relativeTo: folder)
    var reads: [[String]] = []
    func content(_ names: [String]) throws -> HashedContent {
      try ContentHashes(store: store, kinds: .plain).content(
        of: names.map(layout.appendingPathComponent), relativeTo: layout, in: archive
      ) { files, take in
        reads.append(files)
        // In the order of the archive, in pieces.
        for file in files.reversed() {
          let name = String(file.dropFirst(layout.path.count + 1))
          for byte in contents[name]!.utf8 {
            let goesOn = withUnsafeBytes(of: byte) { take(file, $0) }
            #expect(goesOn)
          }
        }
      }
    }
    let first = try content(names)
    #expect(first.digest == plain.digest && Array(first.files.keys) == [archive.path])
    #expect(try content(names).digest == plain.digest && reads.count == 1)
    // Of other files of the archive, those are read that nobody has.
    _ = try content(["a.tif"])
    #expect(reads.count == 1)
    try write("another archive", to: archive)
    #expect(try content(names).digest == plain.digest && reads.count == 2)
  }

  @Test("An archive that changes while it is read is no input")
  func changed() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let archive = directory.appendingPathComponent("x.zip")
    try write("an archive", to: archive)
    #expect(throws: InputFailure.changed(archive.path)) {
      try ContentHashes(store: nil, kinds: .plain).content(
        of: [directory.appendingPathComponent("layout/a")],
        relativeTo: directory.appendingPathComponent("layout"), in: archive
      ) { _, _ in try write("longer than it was", to: archive) }
    }
    try FileManager.default.removeItem(at: archive)
    #expect(throws: InputFailure.self) {
      try ContentHashes(store: nil, kinds: .plain).content(
        of: [], relativeTo: directory, in: archive, read: { _, _ in })
    }
  }
}
