import Archives
import Foundation
import Host
import Rasters
import Synchronization

/// The products in archives that a process has looked into, and the directories in which they are laid out.
///
/// Layouts lie in the system's directory of temporary files, and so do rasters while somebody holds them. A run
/// says where there is room (``keep(below:)``): there they stay for all its jobs. Everything is removed by
/// ``remove()``; what a killed process has left, by the next one that looks into an archive there, or by
/// ``sweep(below:)``.
public final class UnpackedArchives: Sendable {
  /// Those of the process.
  public static let shared = UnpackedArchives()

  /// Bytes of rasters that are kept for later jobs.
  private let mostKept: Int

  private let state = Mutex(State())

  private struct State {
    var layouts: OwnedDirectory?
    /// The output directory of the run.
    var output: String?
    var storage: OwnedDirectory?
    var scenes: [ArchiveIdentity: Result<[SceneSource], RasterError>] = [:]
    /// Products whose rasters are kept although nobody holds them, those released last at the end.
    var free: [ArchivedProduct] = []
  }

  /// Creates a place of which nothing is on the disk yet.
  ///
  /// - Parameter mostKept: bytes of rasters that are kept for later jobs.
  public init(mostKept: Int = 64 << 30) { self.mostKept = mostKept }

  /// Has rasters unpacked below an output directory from now on, and kept until ``remove()``.
  public func keep(below output: String) { state.withLock { $0.output = output } }

  /// Removes all that was laid out; scenes that were found cannot be opened any more.
  public func remove() {
    state.withLock { state in
      state.layouts?.remove()
      state.storage?.remove()
      state = State()
    }
  }

  /// Removes what killed runs have left below an output directory.
  public static func sweep(below output: String) {
    let directory = directory(below: output)
    OwnedDirectory.sweep(directory)
    rmdir(directory)
  }

  private static func directory(below output: String) -> String { output + "/cache/unpacked" }

  /// Returns the scenes in an archive, found as in a directory, or what was found before in the same one; none
  /// where there is no product in it.
  ///
  /// - Parameter find: finds the scenes of a directory.
  /// - Throws: `RasterError` naming the archive.
  func scenes(
    at path: String, _ find: (SceneListing) throws(RasterError) -> [SceneSource]
  ) throws(RasterError) -> [SceneSource] {
    let identity = try ArchiveIdentity(path: path)
    if let known = state.withLock({ $0.scenes[identity] }) { return try known.get() }
    let found = Result { () throws(RasterError) in try self.find(identity, find) }
    state.withLock { $0.scenes[identity] = found }
    return try found.get()
  }

  private func find(
    _ identity: ArchiveIdentity, _ find: (SceneListing) throws(RasterError) -> [SceneSource]
  ) throws(RasterError) -> [SceneSource] {
    let (archive, layouts): (Archive, String)
    do throws(ArchiveError) { archive = try Archive(path: identity.path) } catch { throw RasterError(error) }
    let name = URL(fileURLWithPath: identity.path).lastPathComponent
    guard let place = try ProductInArchive(in: archive, stem: ArchiveFormat.stem(of: name) ?? name) else {
      return []
    }
    do throws(SystemError) { layouts = try self.layouts() } catch {
      throw RasterError(error, "look into \(identity.path)")
    }
    let product: ArchivedProduct
    do throws(ArchiveError) {
      product = try ArchivedProduct(place, of: archive, in: layouts, key: identity.key, for: self)
    } catch {
      throw RasterError(error)
    }
    do throws(RasterError) {
      let place = try SceneListing(path: product.root, isDirectory: true, isNamed: false)
      let scenes = try find(place)
      return scenes.map { $0.inArchive(product, isOnlyOne: scenes.count == 1) }
    } catch {
      throw product.named(error)
    }
  }

  private func layouts() throws(SystemError) -> String {
    let made = state.withLock { state in
      Result { () throws(SystemError) -> String in
        if let layouts = state.layouts { return layouts.path }
        let temporary = NSTemporaryDirectory()
        let layouts = try OwnedDirectory(
          in: temporary.hasSuffix("/") ? String(temporary.dropLast()) : temporary)
        state.layouts = layouts
        return layouts.path
      }
    }
    return try made.get()
  }

  /// The directory for products whose rasters are kept; nil where none are.
  var storage: String? {
    get throws(SystemError) {
      let made = state.withLock { state in
        Result { () throws(SystemError) -> String? in
          if let storage = state.storage { return storage.path }
          guard let output = state.output else { return nil }
          let storage = try OwnedDirectory(in: Self.directory(below: output))
          state.storage = storage
          return storage.path
        }
      }
      return try made.get()
    }
  }

  /// Takes note that nobody holds a product whose rasters are there, and removes those that have not been held
  /// for the longest time.
  func isFree(_ product: ArchivedProduct) {
    let known = state.withLock { state in
      state.free.removeAll { $0 === product }
      state.free.append(product)
      return (free: state.free, most: state.output == nil ? 0 : mostKept)
    }
    var bytes = known.free.reduce(0) { $0 + $1.presentBytes }
    for product in known.free where bytes > known.most {
      bytes -= product.presentBytes
      product.discard()
    }
    state.withLock { state in state.free.removeAll { $0.presentBytes == 0 } }
  }
}

/// An archive as the system describes it: another file at its path is another archive.
struct ArchiveIdentity: Hashable, Sendable {
  let path: String
  private let device, inode, size: Int
  private let modified, changed: [Int]

  /// Looks at a file.
  ///
  /// - Throws: `notFound` or `inputOutput` naming it.
  init(path: String) throws(RasterError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw RasterError(SystemError("read", path, .number(errno)), "read the archive")
    }
    self.path = path
    (device, inode, size) = (Int(status.st_dev), Int(status.st_ino), Int(status.st_size))
    modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
  }

  /// A name for the archive among others: sixteen hexadecimal digits (FNV-1a of 64 bits).
  var key: String {
    let hash = "\(path) \(device) \(inode) \(size) \(modified) \(changed)".utf8
      .reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
