import Foundation
import Host
import Testing

/// What a confined thread may do, tried in a thread of its own: a confinement holds until its thread ends.
@Suite("A confined thread", .enabled(if: Confinement.version != nil, "this kernel has no Landlock"))
struct ConfinementTests {
  private final class Outcome: @unchecked Sendable {
    var reasons: [String: Int32] = [:]
  }

  /// Returns the errors of what `body` tries, 0 where it succeeds.
  private func confined(
    _ confinement: Confinement, _ body: @escaping @Sendable (_ attempt: (String, () -> Int32) -> Void) -> Void
  )
    -> [String: Int32]
  {
    let (outcome, done) = (Outcome(), DispatchSemaphore(value: 0))
    let thread = Thread {
      if confinement.enforce() {
        body { name, attempt in
          errno = 0
          outcome.reasons[name] = attempt() < 0 ? errno : 0
        }
      }
      done.signal()
    }
    thread.start()
    done.wait()
    return outcome.reasons
  }

  @Test("reads below what it was given, writes below less, and connects to nobody")
  func rights() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("confined-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for name in ["in", "out", "else"] {
      let folder = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("x".utf8).write(to: folder.appendingPathComponent("file"))
    }
    func path(_ name: String) -> String { root.appendingPathComponent(name).path }
    let (inside, outside, other) = (path("in/file"), path("out/new"), path("else/file"))
    let (renamed, foreign) = (path("out/renamed"), path("in/new"))
    let (workspace, published) = (path("out/job/new"), path("out/product/new"))
    for path in [workspace, published] {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try Data("x".utf8).write(to: URL(fileURLWithPath: workspace))
    let confinement = Confinement(reading: [path("in")], writing: [path("out")])
    let reasons = confined(confinement) { attempt in
      attempt("read") { open(inside, O_RDONLY) }
      attempt("read elsewhere") { open(other, O_RDONLY) }
      attempt("read the system's") { open("/etc/passwd", O_RDONLY) }
      attempt("make") { open(outside, O_WRONLY | O_CREAT, 0o644) }
      attempt("rename") { rename(outside, renamed) }
      attempt("remove") { unlink(renamed) }
      attempt("publish") { rename(workspace, published) }
      attempt("write to nowhere") { open("/dev/null", O_RDWR) }
      attempt("read random bytes") { open("/dev/urandom", O_RDONLY) }
      attempt("change a device") { open("/dev/urandom", O_WRONLY) }
      attempt("list the devices") { open("/dev", O_RDONLY) }
      attempt("make shared memory") { open("/dev/shm/\(getpid())", O_WRONLY | O_CREAT, 0o600) }
      attempt("change") { open(inside, O_WRONLY) }
      attempt("make elsewhere") { open(foreign, O_WRONLY | O_CREAT, 0o644) }
      attempt("connect") {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(9).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
      }
    }
    for name in [
      "read", "read the system's", "make", "rename", "remove", "publish", "write to nowhere",
      "read random bytes",
    ] {
      #expect(reasons[name] == 0, "\(name)")
    }
    for name in [
      "read elsewhere", "change", "make elsewhere", "change a device", "list the devices",
      "make shared memory",
    ] {
      #expect(reasons[name] == EACCES, "\(name)")
    }
    if Confinement.version! >= 4 { #expect(reasons["connect"] == EACCES) }
    // The other threads of the process are as free as before.
    #expect(open(other, O_RDONLY) >= 0)
  }
}

/// What is found out before a thread is confined; needs no Landlock.
@Suite("A confinement")
struct ConfinementPlacesTests {
  @Test("Landlock's first version, which lets nobody move a file to another directory, counts as none")
  func versions() {
    #expect([0, 1, 2, 6].map(Confinement.usable) == [nil, nil, 2, 6])
  }

  @Test("Links are followed as deep as scenes are searched, and in the folders of a product there")
  func links() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("linked-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let folders = ["in/a/b/c/x.SAFE/GRANULE/L2A/IMG_DATA", "elsewhere/scene", "elsewhere/bands"]
    for folder in folders {
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent(folder), withIntermediateDirectories: true)
    }
    func path(_ name: String) -> String { root.appendingPathComponent(name).path }
    try Data().write(to: root.appendingPathComponent("elsewhere/bands/B02.jp2"))
    try #require(symlink(path("elsewhere/scene"), path("in/a/b/c/scene")) == 0)
    try #require(symlink(path("elsewhere/bands/B02.jp2"), path(folders[0] + "/B02.jp2")) == 0)
    let places = Confinement.places(of: path("in")).map { URL(fileURLWithPath: $0).lastPathComponent }
    #expect(places.contains("scene") && places.contains("bands"), "\(places)")
  }

  @Test("What a file system does not tell in the list of a directory is looked up")
  func kinds() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("kinds-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    let link = root.appendingPathComponent("link").path
    try #require(symlink("/", link) == 0)
    let (unknown, listed) = (UInt8(DT_UNKNOWN), UInt8(DT_LNK))
    #expect(Confinement.kind(of: link, listedAs: unknown) == S_IFLNK)
    #expect(Confinement.kind(of: root.path, listedAs: unknown) == S_IFDIR)
    #expect(Confinement.kind(of: "/nowhere", listedAs: listed) == S_IFLNK)
    #expect(Confinement.kind(of: "/nowhere", listedAs: unknown) == 0)
  }
}
