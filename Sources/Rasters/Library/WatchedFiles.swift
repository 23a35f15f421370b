import CGDAL
import Foundation
import Synchronization

/// The file system through which GDAL writes: the machine's own, with every failing call remembered by its
/// path.
///
/// GDAL 3.6 does not report some writes that fail, that of a tile's byte count for one: the tile then counts
/// as absent and reads as no data. A file that was closed with no failure remembered has all that GDAL gave
/// to the system.
package enum WatchedFiles {
  /// The prefix of GDAL's names of such files.
  package static let prefix = "/vsiterrane/"

  private static let failures = Mutex<[String: SystemFile.Failure]>([:])

  /// GDAL's name of the file at a path.
  package static func name(of path: String) -> String { prefix + path }

  /// Forgets what is remembered of a path and of GDAL's temporary files beside it (`<path>.ovr.tmp`).
  package static func forget(_ path: String) {
    failures.withLock { failures in failures = failures.filter { !belongs($0.key, to: path) } }
  }

  /// Runs the GDAL calls that finish a file, and fails where they do or where any call since the file was
  /// opened has.
  package static func attempt(
    _ attempted: String, path: String, code: RasterError.Code, _ body: () -> Void?
  ) throws(RasterError) {
    defer { forget(path) }
    do throws(RasterError) {
      try GDALErrors.attempt(attempted, path: path, code: code, strict: true, body)
    } catch {
      // What GDAL raises may be but a consequence.
      try check(path, attempted: attempted)
      throw error
    }
    try check(path, attempted: attempted)
  }

  /// Throws the failure that is remembered of a path or of GDAL's temporary files beside it.
  private static func check(_ path: String, attempted: String) throws(RasterError) {
    let found = failures.withLock { failures in failures.first { belongs($0.key, to: path) } }
    guard let (file, failure) = found else { return }
    throw RasterError(failure.code, attempted, path: file, cause: failure.description)
  }

  private static func belongs(_ file: String, to path: String) -> Bool {
    file == path || file.hasPrefix(path + ".")
  }

  private static func remember(_ failure: SystemFile.Failure, of path: String) {
    failures.withLock { failures in
      if failures[path] == nil { failures[path] = failure }
    }
  }

  /// A file that GDAL holds open, with the position that its calls count on.
  private final class Handle {
    package let path: String
    package let file: SystemFile
    package var position = 0
    package var isAtEnd = false

    package init(_ path: String, _ file: SystemFile) { (self.path, self.file) = (path, file) }

    package func note() {
      if let failure = file.failure { remember(failure, of: path) }
    }

    package static func of(_ pointer: UnsafeMutableRawPointer?) -> Handle {
      Unmanaged<Handle>.fromOpaque(pointer!).takeUnretainedValue()
    }
  }

  /// Tells GDAL of the file system; called once.
  static func install() {
    let calls = VSIAllocFilesystemPluginCallbacksStruct()!
    defer { VSIFreeFilesystemPluginCallbacksStruct(calls) }
    // On 64-bit systems VSIStatBufL has the layout of the system's own.
    calls.pointee.stat = { _, name, status, _ in
      stat(WatchedFiles.path(of: name!), UnsafeMutableRawPointer(status!).assumingMemoryBound(to: stat.self))
    }
    calls.pointee.unlink = { _, name in unlink(WatchedFiles.path(of: name!)) }
    calls.pointee.open = { _, name, access in
      WatchedFiles.open(String(cString: WatchedFiles.path(of: name!)), String(cString: access!))
    }
    calls.pointee.tell = { vsi_l_offset(Handle.of($0).position) }
    calls.pointee.seek = { pointer, offset, origin in
      let handle = Handle.of(pointer)
      switch origin {
      case SEEK_SET: handle.position = Int(offset)
      case SEEK_CUR: handle.position += Int(offset)
      default: handle.position = handle.file.size + Int(offset)
      }
      handle.isAtEnd = false
      handle.note()
      return 0
    }
    calls.pointee.read = { pointer, buffer, size, count in
      let (handle, wanted) = (Handle.of(pointer), size * count)
      guard wanted > 0 else { return 0 }
      let done = handle.file.read(into: buffer!, count: wanted, at: handle.position)
      handle.position += done
      handle.isAtEnd = done < wanted
      handle.note()
      return done / size
    }
    calls.pointee.eof = { Handle.of($0).isAtEnd ? 1 : 0 }
    calls.pointee.write = { pointer, buffer, size, count in
      let (handle, wanted) = (Handle.of(pointer), size * count)
      guard wanted > 0 else { return 0 }
      let done = handle.file.write(buffer!, count: wanted, at: handle.position)
      handle.position += done
      handle.note()
      return done / size
    }
    // Files are brought to the disk when they are published.
    calls.pointee.flush = { _ in 0 }
    calls.pointee.truncate = { pointer, size in
      let handle = Handle.of(pointer)
      defer { handle.note() }
      return handle.file.truncate(to: Int(size)) ? 0 : -1
    }
    calls.pointee.close = { pointer in
      let handle = Unmanaged<Handle>.fromOpaque(pointer!).takeRetainedValue()
      defer { handle.note() }
      return handle.file.end() ? 0 : -1
    }
    // GDAL 3.6 keeps the pointer to the prefix, not the text.
    VSIInstallPluginHandler(strdup(prefix), calls)
  }

  /// Returns the path in a name as GDAL hands it over, with the prefix or without.
  private static func path(of name: UnsafePointer<CChar>) -> UnsafePointer<CChar> {
    strncmp(name, prefix, prefix.utf8.count) == 0 ? name + prefix.utf8.count : name
  }

  private static func open(_ path: String, _ access: String) -> UnsafeMutableRawPointer? {
    let flags =
      access.contains("w")
      ? O_RDWR | O_CREAT | O_TRUNC
      : access.contains("a") ? O_RDWR | O_CREAT : access.contains("+") ? O_RDWR : O_RDONLY
    guard let file = SystemFile(path, flags: flags) else {
      let number = errno
      // GDAL looks for files that need not be there.
      if number != ENOENT && number != ENOTDIR {
        remember(SystemFile.Failure(call: "open", number: number), of: path)
      }
      errno = number
      return nil
    }
    let handle = Handle(path, file)
    if access.contains("a") { handle.position = file.size }
    return Unmanaged.passRetained(handle).toOpaque()
  }
}
