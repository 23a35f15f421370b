import Foundation
import Host
import Testing

/// What is no regular file, by the word that messages have for it.
enum SpecialFile: String, CaseIterable {
  case pipe, device, socket, directory

  var says: String {
    switch self {
    case .pipe: "not a regular file (a pipe)"
    case .device: "not a regular file (a device)"
    case .socket: "not a regular file (a socket)"
    case .directory: "not a regular file (a directory)"
    }
  }

  func make(at path: String) {
    switch self {
    case .pipe: mkfifo(path, 0o644)
    case .device: symlink("/dev/zero", path)
    case .directory: mkdir(path, 0o755)
    case .socket:
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      _ = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      close(descriptor)
    }
  }
}

@Suite("Regular files")
struct RegularFileTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "t\(UInt32.random(in: 0 ... .max))"
  ).path

  init() { mkdir(folder, 0o755) }

  @Test(
    "What is no regular file is refused at once, to read, to append to and to write",
    arguments: SpecialFile.allCases)
  func special(kind: SpecialFile) throws {
    let path = folder + "/x"
    kind.make(at: path)
    // Untyped: Swift 6.3 crashes on optimised closures of typed errors here.
    let attempts: [() throws -> Void] = [
      { _ = try RegularFile.contents(of: path) }, { try RegularFile.check(path) },
      { _ = try RegularFile.open(path, O_RDWR | O_APPEND | O_CREAT, attempted: "open") },
      { try RegularFile.write(Data("text".utf8), to: path) },
    ]
    for attempt in attempts {
      let error = #expect(throws: SystemError.self) { try attempt() }
      #expect(
        error?.description.hasSuffix("\(path): \(kind.says)") == true, "\(error.map(\.description) ?? "")")
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  @Test("A file reads back as it was written, whole and in parts; the system's reason names what is missing")
  func contents() throws {
    let path = folder + "/x"
    let data = Data((0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    try RegularFile.write(data + data, to: path)
    try RegularFile.write(data, to: path)
    #expect(try RegularFile.contents(of: path) == data)
    let file = try RegularFile(path)
    var part = [UInt8](repeating: 0, count: 100)
    try part.withUnsafeMutableBytes { try file.read(into: $0, at: 599_900) }
    #expect(part == Array(data.suffix(100)))
    // What a map would answer with a signal.
    truncate(path, 599_950)
    let cut = #expect(throws: SystemError.self) {
      try part.withUnsafeMutableBytes { try file.read(into: $0, at: 599_900) }
    }
    #expect(cut?.description == "cannot read \(path): it became shorter while it was read")
    truncate(path, 600_000)
    let large = #expect(throws: SystemError.self) { try RegularFile.contents(of: path, limit: 1000) }
    #expect(large?.kind == .refused)
    let twice = #expect(throws: SystemError.self) { try RegularFile.write(data, to: path, isNew: true) }
    #expect(twice?.number == EEXIST && twice?.kind == .cannotCreate)
    let missing = #expect(throws: SystemError.self) { try RegularFile.contents(of: folder + "/none") }
    #expect(missing?.description == "cannot read \(folder)/none: No such file or directory")
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test("Foundation's errors say the path and the system's reason")
  func foundation() throws {
    let path = folder + "/none/x"
    let missing = #expect(throws: (any Error).self) { try Data(contentsOf: URL(fileURLWithPath: path)) }
    let unwritten = #expect(throws: (any Error).self) { try Data().write(to: URL(fileURLWithPath: path)) }
    let unlisted = #expect(throws: (any Error).self) { try FileManager.default.removeItem(atPath: path) }
    for error in [missing, unwritten, unlisted].compactMap(\.self) {
      let text = SystemError(foundation: error).map(\.description) ?? "\(error)"
      #expect(text.contains(path) && text.hasSuffix("No such file or directory"), "\(text)")
    }
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test("A name that is no text is listed, and shown escaped")
  func names() throws {
    for name in ["L\u{E9}on.tif", "a\nb"] { try RegularFile.write(Data(), to: folder + "/" + name) }
    let latin = Array((folder + "/").utf8) + [0x4C, 0xE9, 0x2E, 0x74] + [0]
    close(open(latin.map(CChar.init(bitPattern:)), O_CREAT | O_WRONLY, 0o644))
    let entries = try DirectoryEntry.all(in: folder)
    #expect(entries.map(\.name) == ["L\u{E9}on.tif", nil, "a\nb"])
    #expect(entries.map(\.visibleName) == ["L\u{E9}on.tif", "L\\351.t", "a\\nb"])
    try FileManager.default.removeItem(atPath: folder)
  }
}

@Suite("Visible text")
struct VisibleTextTests {
  @Test(
    "Control characters are escaped as ls -b does it",
    arguments: [
      ("a\u{1B}[31m", "a\\033[31m"), ("bell\u{07}", "bell\\a"), ("\u{9B}0m", "\\302\\2330m"),
      ("x\u{7F}", "x\\177"),
      ("\r\n", "\\r\\n"), ("\u{202E}gpj", "\\342\\200\\256gpj"), ("\u{61C}1", "\\330\\2341"),
      ("Größe 水 😀", "Größe 水 😀"), ("a\\b", "a\\b"),
    ])
  func escaped(text: String, shown: String) {
    #expect(text.visibleLine == shown)
    #expect((text + "\tand\n").visible == shown.replacing("\\n", with: "\n") + "\tand\n")
  }

  @Test("Long text is cut and says how long it was")
  func shortened() {
    #expect(String(repeating: "ä", count: 9).shortened(to: 4) == "ääää... (18 bytes)")
    #expect("äää".shortened(to: 3) == "äää")
  }
}
