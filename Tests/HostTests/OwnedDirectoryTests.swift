import Foundation
import Host
import Testing

@Suite("Directories of one process")
struct OwnedDirectoryTests {
  private let place = NSTemporaryDirectory() + "terrane-owned-" + UUID().uuidString

  private func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  @Test("It goes with all that is in it and with the directories that were made for it")
  func goes() throws {
    let parent = place + "/a/b"
    var own: OwnedDirectory? = try OwnedDirectory(in: parent)
    let path = try #require(own?.path)
    try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/file"))
    #expect(path.hasPrefix(parent + "/") && names(parent).count == 1)
    own = nil
    #expect(!FileManager.default.fileExists(atPath: place))
  }

  @Test("What was there before stays, and directories that others use")
  func stays() throws {
    try FileManager.default.createDirectory(atPath: place + "/a", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let first = try OwnedDirectory(in: place + "/a/b")
    try OwnedDirectory(in: place + "/a/b").remove()
    #expect(names(place + "/a/b").count == 1)
    first.remove()
    #expect(names(place + "/a").isEmpty)
  }

  @Test("Those of killed processes are removed, those of living ones and other names are not")
  func sweep() throws {
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let living = try OwnedDirectory(in: place)
    // A killed process holds no lock.
    let left = place + "/terrane-unpacked-left"
    try FileManager.default.createDirectory(atPath: left + "/deep", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: place + "/other", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: place + "/terrane-unpacked-link", withDestinationPath: place + "/other")
    OwnedDirectory.sweep(place)
    #expect(
      names(place)
        == ["other", "terrane-unpacked-link", URL(fileURLWithPath: living.path).lastPathComponent].sorted())
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    let next = try OwnedDirectory(in: place)
    #expect(!FileManager.default.fileExists(atPath: left) && next.path != living.path)
    OwnedDirectory.sweep(place + "/not there")
  }

  @Test("The lock is on a regular file, which a network file system locks for all its clients")
  func lock() throws {
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let own = try OwnedDirectory(in: place)
    let descriptor = open(own.path + "/lock", O_RDWR)
    defer { close(descriptor) }
    #expect(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    // As a client elsewhere has it, whose locks of directories are not seen here.
    let far = place + "/terrane-unpacked-far"
    try FileManager.default.createDirectory(atPath: far, withIntermediateDirectories: true)
    let held = open(far + "/lock", O_RDWR | O_CREAT, 0o600)
    #expect(held >= 0 && flock(held, LOCK_EX | LOCK_NB) == 0)
    OwnedDirectory.sweep(place)
    #expect(FileManager.default.fileExists(atPath: far))
    close(held)
    OwnedDirectory.sweep(place)
    #expect(!FileManager.default.fileExists(atPath: far) && names(place).count == 1)
    withExtendedLifetime(own) {}
  }
}
