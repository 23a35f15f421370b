import Archives
import Foundation
import Host
import Rasters
import Synchronization

/// A product in an archive, laid out as the directory that it would be.
///
/// The layout has every name of the archive and the content of everything that is no raster, so that the
/// readers of products find what they find in a directory. Rasters are holes of their size until one is to be
/// opened: who does so holds the product meanwhile (``ArchiveHold``), and has the file brought.
public final class ArchivedProduct: Sendable {
  /// The archive.
  let archive: Archive
  /// The directory that the readers of products see.
  let root: String
  /// The directory of the product, as it would be on the disk.
  public var directory: URL { URL(fileURLWithPath: root) }
  private let archives: UnpackedArchives
  /// The link to the directory in which everything is laid out: paths through it stay when that moves.
  private let place: String
  /// The name of that directory among others.
  private let key: String
  /// The files by their paths through the link.
  private let files: [String: ArchiveMember]
  private let state: Mutex<State>

  private struct State {
    /// The directory that the link leads to.
    var directory: String
    /// The rasters that are there.
    var present: Set<String> = []
    var holds = 0
  }

  /// The most bytes of a file that is unpacked because it is no raster, and of all of them together: nothing
  /// larger is read of metadata.
  private static let (mostText, mostTexts) = (8 << 20, 64 << 20)

  /// Lays a product out.
  ///
  /// - Parameters:
  ///   - directory: where the layout is made, and the link beside it.
  ///   - key: a name for both.
  /// - Throws: `ArchiveError` where a member is never unpacked, or writing fails.
  init(
    _ product: ProductInArchive, of archive: Archive, in directory: String, key: String,
    for archives: UnpackedArchives
  ) throws(ArchiveError) {
    try archive.check(product.members)
    (self.archive, self.archives, self.key) = (archive, archives, key)
    let place = directory + "/" + key
    self.place = place
    root = ([place] + product.root).joined(separator: "/")
    let base = ([place] + product.top).joined(separator: "/") + "/"
    let members = product.members.filter { $0.kind == .file }
    files = Dictionary(uniqueKeysWithValues: members.map { (base + $0.name, $0) })
    let layout = directory + "/." + key
    state = Mutex(State(directory: layout))
    try layOut(in: layout)
    unlink(place)
    guard symlink(layout, place) == 0 else {
      throw ArchiveError(.system(SystemError("link", place, .number(errno), isWriting: true)), archive.path)
    }
  }

  /// Makes directories, the files that are no rasters, and holes of the size of those that are.
  private func layOut(in directory: String) throws(ArchiveError) {
    var (texts, bytes): ([(ArchiveMember, String)], Int) = ([], 0)
    var made: Set<String> = []
    do throws(SystemError) {
      for (path, member) in files {
        let path = directory + path.dropFirst(place.count)
        let parent = String(path[..<path.lastIndex(of: "/")!])
        if made.insert(parent).inserted { try Self.makeDirectory(parent) }
        if SceneListing.isRaster(member.lastName) || member.size > Self.mostText {
          try Self.makeHole(path, size: member.size)
        } else {
          texts.append((member, path))
          bytes += member.size
        }
      }
    } catch {
      throw ArchiveError(.system(error), archive.path)
    }
    guard bytes <= Self.mostTexts else {
      throw ArchiveError(.tooLarge(bytes: bytes, limit: Self.mostTexts), archive.path)
    }
    try archive.unpack(texts)
  }

  private static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw SystemError("create", path, .number(errno), isWriting: true) }
    try makeDirectory(String(path[..<path.lastIndex(of: "/")!]))
    guard mkdir(path, 0o755) == 0 else { throw SystemError("create", path, .number(errno), isWriting: true) }
  }

  private static func makeHole(_ path: String, size: Int) throws(SystemError) {
    unlink(path)
    let descriptor = try RegularFile.open(path, O_WRONLY | O_CREAT | O_EXCL, attempted: "create")
    defer { close(descriptor) }
    guard ftruncate(descriptor, off_t(size)) == 0 else {
      throw SystemError("create", path, .number(errno), isWriting: true)
    }
  }

  // MARK: - Rasters

  /// Brings a raster, with the mask beside it; of an archive that can be read from its beginning only, all
  /// rasters of the product at once.
  ///
  /// - Precondition: the product is held.
  /// - Throws: `ArchiveError`.
  func bring(_ path: String) throws(ArchiveError) {
    let storage: String?
    do throws(SystemError) { storage = try archives.storage } catch {
      throw ArchiveError(.system(error), archive.path)
    }
    let outcome = state.withLock { state in
      Result { () throws(ArchiveError) in try bring(path, to: storage, &state) }
    }
    try outcome.get()
  }

  private func bring(_ path: String, to storage: String?, _ state: inout State) throws(ArchiveError) {
    precondition(state.holds > 0, "\(path) is not held")
    if let storage, state.directory != storage + "/" + key { try move(to: storage, &state) }
    guard !state.present.contains(path), files[path] != nil else { return }
    let wanted =
      archive.format == .gzippedTar
      ? files.keys.filter { $0.hasPrefix(root + "/") && SceneListing.isRaster($0) } : [path]
    let missing = (wanted + wanted.map { $0 + ".msk" }).filter {
      files[$0] != nil && !state.present.contains($0)
    }
    try archive.unpack(missing.map { (files[$0]!, state.directory + $0.dropFirst(place.count)) })
    state.present.formUnion(missing)
  }

  /// Lays the product out elsewhere, where there is room for its rasters.
  private func move(to storage: String, _ state: inout State) throws(ArchiveError) {
    let (old, new) = (state.directory, storage + "/" + key)
    try layOut(in: new)
    let link = place + ".new"
    unlink(link)
    guard symlink(new, link) == 0, rename(link, place) == 0 else {
      throw ArchiveError(.system(SystemError("link", place, .number(errno), isWriting: true)), archive.path)
    }
    state = State(directory: new, holds: state.holds)
    try? FileManager.default.removeItem(atPath: old)
  }

  /// Bytes of the rasters that are there.
  var presentBytes: Int { state.withLock { state in state.present.reduce(0) { $0 + files[$1]!.size } } }

  /// Removes the rasters, unless somebody holds the product.
  func discard() {
    state.withLock { state in
      guard state.holds == 0 else { return }
      for path in state.present {
        try? Self.makeHole(state.directory + path.dropFirst(place.count), size: files[path]!.size)
      }
      state.present = []
    }
  }

  fileprivate func hold() { state.withLock { $0.holds += 1 } }

  fileprivate func release() {
    let isFree = state.withLock { state in
      state.holds -= 1
      return state.holds == 0 && !state.present.isEmpty
    }
    if isFree { archives.isFree(self) }
  }

  // MARK: - Content

  /// Reads files of the product through, without unpacking them.
  ///
  /// - Parameters:
  ///   - paths: files of the layout.
  ///   - take: gets the bytes of each file in their order, one file after the other, and says whether to go
  ///     on.
  /// - Throws: `RasterError` naming the archive.
  public func read(
    _ paths: [String], _ take: (_ path: String, _ bytes: UnsafeRawBufferPointer) -> Bool
  ) throws(RasterError) {
    let wanted = paths.compactMap { path in files[path].map { (path, $0) } }
    precondition(wanted.count == paths.count, "files that are not in \(archive.path)")
    let names = Dictionary(wanted.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    do throws(ArchiveError) { try archive.read(wanted.map(\.1)) { take(names[$0]!, $1) } } catch {
      throw RasterError(error)
    }
  }

  /// Returns an error with the archive's path in the place of the layout's, wherever it stands.
  func named(_ error: RasterError) -> RasterError {
    let (inside, shown) = (place + "/", archive.path + "/")
    return RasterError(
      error.code, error.attempted.replacing(inside, with: shown), path: error.path.map(shownPath),
      cause: error.cause?.replacing(inside, with: shown))
  }

  /// Returns a path of the layout as that of the archive, and of the file in it.
  func shownPath(of path: String) -> String {
    if path == root { return archive.path }
    return path.hasPrefix(place + "/") ? archive.path + path.dropFirst(place.count) : path
  }
}

/// The right to open the rasters of a product in an archive: they are not removed while it lives.
public final class ArchiveHold: Sendable {
  private let product: ArchivedProduct

  /// Holds a product.
  init(_ product: ArchivedProduct) {
    self.product = product
    product.hold()
  }

  deinit { product.release() }
}

extension RasterError {
  /// Makes an error about a scene from that of the archive in which it lies.
  init(_ error: ArchiveError) {
    let code: Code =
      switch error.problem {
      case .system(let error): RasterError(error, "").code
      case .noArchive, .truncated, .inParts, .damaged, .otherSize: .unreadable
      case .tooManyMembers, .tooLarge: .tooLarge
      case .changed: .inputOutput
      case .fault(.encrypted), .fault(.compressed), .fault(.sparse): .unsupported
      case .fault: .refusedPath
      }
    self.init(code, "read the archive", path: error.path, cause: error.reason)
  }
}
