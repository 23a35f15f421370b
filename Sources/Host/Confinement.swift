import CLandlock
import Foundation

/// What a process that decodes files of strangers may still do: read below some directories, write below
/// others, and nothing by TCP. A decoder that a crafted file has taken over reaches no further.
///
/// It holds for the calling thread and for threads that are started from now on, until the process ends.
/// Where the kernel has no Landlock (before 5.13, or switched off) nothing is confined.
public struct Confinement: Sendable {
  /// Paths below which files are read; nil where any may be.
  private let readable: [String]?
  /// Paths below which files are written, and read.
  private let writable: [String]

  /// The version of the kernel's Landlock, which decides what can be forbidden; nil without it.
  public static var version: Int? {
    let version = Int(terrane_landlock_version())
    return version > 0 ? version : nil
  }

  /// Creates a confinement.
  ///
  /// - Parameters:
  ///   - readable: paths below which files may be read besides those of the system; nil for all.
  ///   - writable: paths below which files may be made, written, renamed and removed.
  public init(reading readable: [String]?, writing writable: [String]) {
    (self.readable, self.writable) = (readable, writable)
  }

  private enum Right {
    static let execute: UInt64 = 1 << 0
    static let writeFile: UInt64 = 1 << 1
    static let readFile: UInt64 = 1 << 2
    static let readDirectory: UInt64 = 1 << 3
    static let refer: UInt64 = 1 << 13
    static let truncate: UInt64 = 1 << 14
    static let control: UInt64 = 1 << 15
    static let reading = readFile | readDirectory
    /// Reading, and all that makes, changes and removes files of whatever kind.
    static let writing = reading | writeFile | UInt64(0x1FF0) | refer | truncate
    static let all = writing | execute | control
  }

  /// The rights of files that a version of Landlock knows.
  private static func known(_ version: Int) -> UInt64 {
    switch version {
    case 1: Right.all & ~(Right.refer | Right.truncate | Right.control)
    case 2: Right.all & ~(Right.truncate | Right.control)
    case 3, 4: Right.all & ~Right.control
    default: Right.all
    }
  }

  /// Directories of the system: libraries and their data, devices, what the kernel tells of processes.
  private static let system = [
    "/usr", "/lib", "/lib64", "/lib32", "/etc", "/opt", "/proc", "/sys", "/dev", "/run",
  ]

  /// Returns the directories that are read where something is named: itself and where links in it lead, or
  /// the folder of a file, in which side-cars and parts lie.
  public static func places(of path: String) -> [String] {
    var places = folders(of: path)
    var left = mostEntries
    addLinks(below: path, depth: deepest, &left, to: &places)
    return places
  }

  /// Levels below a named directory at which links are followed, and entries that are looked at.
  private static let (deepest, mostEntries) = (3, 200_000)

  private static func addLinks(below path: String, depth: Int, _ left: inout Int, to places: inout [String]) {
    guard depth > 0, let stream = opendir(path) else { return }
    defer { closedir(stream) }
    while left > 0, let entry = readdir(stream) {
      left -= 1
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      let inside = path + "/" + name
      switch Int(entry.pointee.d_type) {
      case _ where name == "." || name == "..": continue
      case Int(DT_LNK): places += folders(of: inside)
      case Int(DT_DIR): addLinks(below: inside, depth: depth - 1, &left, to: &places)
      default: continue
      }
    }
  }

  private static func folders(of path: String) -> [String] {
    let url = URL(fileURLWithPath: path)
    let real = url.resolvingSymlinksInPath()
    return [url, real].map { url in
      var status = stat()
      let isDirectory = stat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      return isDirectory ? url.path : url.deletingLastPathComponent().path
    }
  }

  /// Confines the calling thread and its threads to come.
  ///
  /// - Returns: whether it is confined.
  @discardableResult
  public func enforce() -> Bool {
    guard let version = Self.version else { return false }
    var rules = terrane_ruleset(
      files: Self.known(version), network: version >= 4 ? 3 : 0, scope: version >= 6 ? 1 : 0)
    // An older kernel refuses members that it does not know.
    let bytes = version >= 6 ? 24 : version >= 4 ? 16 : 8
    let descriptor = terrane_landlock_create(&rules, bytes)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    func allow(_ rights: UInt64, _ path: String) {
      // A descriptor that only names (O_PATH): what may not be opened can still be allowed.
      let named = open(path, 0o10000000 | O_CLOEXEC)
      guard named >= 0 else { return }
      defer { close(named) }
      var status = stat()
      guard fstat(named, &status) == 0 else { return }
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      let ofFiles = Right.execute | Right.readFile | Right.writeFile | Right.truncate | Right.control
      let own = isDirectory ? rights : rights & ofFiles
      _ = terrane_landlock_allow(descriptor, own & rules.files, named)
    }
    for path in readable.map({ Self.system + $0 }) ?? ["/"] { allow(Right.reading, path) }
    allow(Right.reading | Right.writeFile, "/dev")
    for path in writable { allow(Right.writing, path) }
    return terrane_landlock_enforce(descriptor) == 0
  }
}
