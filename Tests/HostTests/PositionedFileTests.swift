import Foundation
import Host
import Testing

@Suite("Files that are read and written at places")
struct PositionedFileTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
    "terrane-places-\(UUID().uuidString)")

  private func read(_ file: PositionedFile, _ count: Int, at place: Int) throws -> [UInt16] {
    var values = [UInt16](repeating: 0, count: count)
    try values.withUnsafeMutableBytes { try file.read($0, at: place) }
    return values
  }

  @Test("What is written at places is read from there; a file without a name is in no directory")
  func places() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let unnamed = try PositionedFile(unnamedIn: directory.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    let path = directory.appendingPathComponent("named").path
    for (writer, reader) in [
      (unnamed, { unnamed }),
      (try PositionedFile(path, writing: true), { try PositionedFile(path, writing: false) }),
    ] as [(PositionedFile, () throws -> PositionedFile)] {
      try writer.write([7, 8, 9] as [UInt16], at: 100)
      try writer.write([1, 2] as [UInt16], at: 0)
      let file = try reader()
      #expect(try read(file, 2, at: 0) == [1, 2] && read(file, 2, at: 102) == [8, 9])
      let error = #expect(throws: SystemError.self) { try read(file, 2, at: 104) }
      #expect(error?.reason == "the file ends")
    }
  }

  @Test("What cannot be opened says what was attempted on what")
  func errors() {
    let missing = directory.path + "/missing"
    let opening = #expect(throws: SystemError.self) { try PositionedFile(missing, writing: false) }
    #expect(opening?.description == "cannot open \(missing): No such file or directory")
    let making = #expect(throws: SystemError.self) { try PositionedFile(unnamedIn: missing) }
    #expect(making?.kind == .cannotCreate && making?.path == missing)
  }
}
