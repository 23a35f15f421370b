import CLandlock
import Foundation

/// What a process that decodes files of strangers may still do: read below some directories, write below
/// others, and nothing by TCP. A decoder that a crafted file has taken over reaches no further.
///
/// It holds for the calling thread and for threads that are started from now on, until the process ends.
/// Threads that run already, as those that OpenBLAS starts when it is loaded, stay as free as they were: they
/// decode nothing. Where the kernel has no Landlock (before 5.19, or switched off) nothing is confined.
public struct Confinement: Sendable {
  /// Paths below which files are read; nil where any may be.
  package let readable: [String]?
  /// Paths below which files are written, and read.
  package let writable: [String]

  /// The version of the kernel's Landlock, which decides what can be forbidden; nil without it.
  public static var version: Int? { usable(Int(terrane_landlock_version())) }

  /// Returns a version of Landlock where one can be confined by it.
  ///
  /// The first one (kernels 5.13 to 5.18) lets nobody move a file to another directory, as everything is that
  /// is published.
  package static func usable(_ version: Int) -> Int? { version >= 2 ? version : nil }

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
    case 2: Right.all & ~(Right.truncate | Right.control)
    case 3, 4: Right.all & ~Right.control
    default: Right.all
    }
  }

  /// Directories of the system: libraries and their data, what the kernel tells of processes.
  private static let system = [
    "/usr", "/lib", "/lib64", "/lib32", "/etc", "/opt", "/proc", "/sys", "/run", "/dev/fd",
  ]

  /// Devices behind which there is no medium: those that are written, and those that are only read.
  private static let (writtenDevices, readDevices) = (
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"], ["/dev/random", "/dev/urandom"]
  )

  /// Returns the directories that are read where something is named: itself and where links in it lead, or
  /// the folder of a file, in which side-cars and parts lie.
  public static func places(of path: String) -> [String] {
    var places = folders(of: path)
    var (level, left) = ([path], mostEntries)
    // The upper levels first, on which few entries lie: those of products use up what is looked at.
    for _ in 0..<deepest { level = level.flatMap { directories(in: $0, &left, linkedTo: &places) } }
    return places
  }

  /// Levels of directories, a named one among them, in which links are followed, and entries that are looked
  /// at: scenes are searched three levels below what is named, and a product has four of its own (SAFE).
  private static let (deepest, mostEntries) = (8, 200_000)

  /// Returns the directories in one, and adds where links in it lead.
  private static func directories(in path: String, _ left: inout Int, linkedTo places: inout [String])
    -> [String]
  {
    guard left > 0, let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var directories: [String] = []
    while left > 0, let entry = readdir(stream) {
      left -= 1
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      guard name != "." && name != ".." else { continue }
      let inside = path + "/" + name
      switch kind(of: inside, listedAs: entry.pointee.d_type) {
      case S_IFLNK: places += folders(of: inside)
      case S_IFDIR: directories.append(inside)
      default: continue
      }
    }
    return directories
  }

  /// Returns what an entry of a directory is, as `S_IFMT` has it: some file systems (NFS, XFS of old) do not
  /// tell it in the list.
  package static func kind(of path: String, listedAs type: UInt8) -> mode_t {
    guard type == DT_UNKNOWN else { return mode_t(type) << 12 }
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
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
    for path in Self.readDevices { allow(Right.readFile, path) }
    for path in Self.writtenDevices { allow(Right.readFile | Right.writeFile, path) }
    for path in writable { allow(Right.writing, path) }
    return terrane_landlock_enforce(descriptor) == 0
  }
}
