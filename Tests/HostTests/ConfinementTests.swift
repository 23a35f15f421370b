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
    let confinement = Confinement(reading: [path("in")], writing: [path("out")])
    let reasons = confined(confinement) { attempt in
      attempt("read") { open(inside, O_RDONLY) }
      attempt("read elsewhere") { open(other, O_RDONLY) }
      attempt("read the system's") { open("/etc/passwd", O_RDONLY) }
      attempt("make") { open(outside, O_WRONLY | O_CREAT, 0o644) }
      attempt("rename") { rename(outside, renamed) }
      attempt("remove") { unlink(renamed) }
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
    for name in ["read", "read the system's", "make", "rename", "remove"] {
      #expect(reasons[name] == 0, "\(name)")
    }
    for name in ["read elsewhere", "change", "make elsewhere"] { #expect(reasons[name] == EACCES, "\(name)") }
    if Confinement.version! >= 4 { #expect(reasons["connect"] == EACCES) }
    // The other threads of the process are as free as before.
    #expect(open(other, O_RDONLY) >= 0)
  }
}
