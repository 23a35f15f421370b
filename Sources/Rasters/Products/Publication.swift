import Foundation

/// Puts an output under its final name only when it is complete, checked and on the disk.
///
/// The steps, each of which a measured failure asks for: write under a temporary name in the target's
/// directory, verify, `fsync` the file, `rename`, `fsync` the directory. A reader sees the old output or the
/// new one, never a torn one.
public enum Publication {
  /// How the name of every temporary file begins.
  public static let temporaryPrefix = ".terrane-tmp-"

  private static let asideSuffix = ".old"

  /// The temporary name of an output within a run; the same run writes one output once at a time.
  public static func temporaryPath(for path: String, run: String) -> String {
    let target = URL(fileURLWithPath: path)
    return target.deletingLastPathComponent()
      .appendingPathComponent("\(temporaryPrefix)\(run)-\(target.lastPathComponent)").path
  }

  /// Writes, verifies and publishes a file, or a whole directory.
  ///
  /// A side-car that `write` makes as `<temporary path>.aux.xml` is published with the file, just before it.
  /// A directory takes the place of an older one, which is set aside first: a kill between the two renames
  /// leaves no output under the name, never a mixed one.
  ///
  /// - Parameters:
  ///   - path: the final name.
  ///   - run: the run's identifier, part of the temporary name.
  ///   - write: creates the file or directory at the path that it is given.
  ///   - verify: throws if what was written does not read back.
  /// - Throws: what `write` and `verify` throw, or a `RasterError`; nothing is left behind then.
  public static func publish(
    to path: String, run: String, _ write: (_ temporaryPath: String) throws -> Void,
    verify: (_ temporaryPath: String) throws -> Void = { _ in }
  ) throws {
    let temporary = temporaryPath(for: path, run: run)
    let sideCars = [".aux.xml"]
    removeEverything(at: temporary, sideCars: sideCars)
    do {
      try write(temporary)
      try verify(temporary)
      for sideCar in sideCars where FileManager.default.fileExists(atPath: temporary + sideCar) {
        try synchronize(temporary + sideCar)
        try moveIntoPlace(temporary + sideCar, to: path + sideCar)
      }
      try synchronizeTree(temporary)
      try moveIntoPlace(temporary, to: path)
      try synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch {
      removeEverything(at: temporary, sideCars: sideCars)
      throw named(error, for: path, instead: temporary)
    }
    removeEverything(at: temporary, sideCars: sideCars)
  }

  /// Removes what dead runs left in a directory: every temporary entry but those of the running one.
  ///
  /// - Returns: the names that were removed.
  @discardableResult
  public static func sweep(directory: String, keeping run: String? = nil) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let own = run.map { "\(temporaryPrefix)\($0)-" }
    return entries.sorted().filter { entry in
      guard entry.hasPrefix(temporaryPrefix), own.map({ !entry.hasPrefix($0) }) ?? true else { return false }
      return (try? FileManager.default.removeItem(atPath: directory + "/" + entry)) != nil
    }
  }

  /// Brings a file's or directory's own content to the disk.
  public static func synchronize(_ path: String) throws(RasterError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RasterError(.inputOutput, "open for synchronising", path: path, cause: lastSystemError())
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw RasterError(
        errno == ENOSPC ? .diskFull : .inputOutput, "bring it to the disk", path: path,
        cause: lastSystemError())
    }
  }

  private static func synchronizeTree(_ path: String) throws(RasterError) {
    let entries = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    for entry in entries { try synchronize(path + "/" + entry) }
    try synchronize(path)
  }

  /// Renames over what is there. Only a directory that is not empty stands in the way of `rename`: it is set
  /// aside.
  private static func moveIntoPlace(_ temporary: String, to path: String) throws(RasterError) {
    if rename(temporary, path) == 0 { return }
    let aside = temporary + asideSuffix
    guard errno == ENOTEMPTY || errno == EEXIST, rename(path, aside) == 0, rename(temporary, path) == 0 else {
      throw RasterError(.cannotCreate, "publish \(temporary)", path: path, cause: lastSystemError())
    }
  }

  /// The same error about the output that the user knows, not about a temporary name that is gone.
  private static func named(_ error: any Error, for path: String, instead temporary: String) -> any Error {
    guard let error = error as? RasterError, error.path == temporary else { return error }
    return RasterError(error.code, error.attempted, path: path, cause: error.cause)
  }

  private static func removeEverything(at temporary: String, sideCars: [String]) {
    for suffix in [""] + sideCars + [asideSuffix, ".ovr.tmp", ".msk.ovr.tmp"] {
      try? FileManager.default.removeItem(atPath: temporary + suffix)
    }
  }
}
