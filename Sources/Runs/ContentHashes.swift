import Foundation
import Host
import Synchronization

/// The content of some files, and what the system said of each before it was read.
package struct HashedContent {
  /// SHA-256, 64 hexadecimal digits.
  package var digest: String
  /// The state of each file, by path.
  package var files: [String: FileStatus]
}

/// SHA-256 of files, with a memory of files that have not changed since they were last read.
///
/// Size, times of modification and change to the nanosecond, and inode together vouch for a stored
/// hash. The memory is one sealed JSON record a line, appended; one that is torn or changed is not believed.
public final class ContentHashes: Sendable {
  private struct Record: Codable {
    package var path: String
    package var size: Int
    package var stamp: String
    package var sha256: String
  }

  private let store: URL?
  private let remembers: Bool
  /// The kinds of the files.
  package let kinds: FileKinds
  private let cancellation: Cancellation
  /// Whether nothing more is read because a deadline has passed, which no signal asked for.
  var isLate: Bool { cancellation.isCancelled && cancellation.signalNumber == nil }
  private let known = Mutex<[String: Record]>([:])

  /// Hashes with a memory in the file `store`, or with none; `remembers: false` reads the memory and leaves
  /// it alone.
  public init(
    store: URL?, kinds: FileKinds, remembers: Bool = true, cancellation: Cancellation = Cancellation()
  ) {
    self.store = store
    self.kinds = kinds
    self.remembers = remembers
    self.cancellation = cancellation
    // The memory is a shortcut: one that cannot be read is none.
    guard let store, let data = try? RegularFile.contents(of: store.path) else { return }
    let decoder = JSONDecoder()
    var records: [String: Record] = [:]
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let sealed = SealedLine.open(line, isOldTaken: false),
        let record = try? decoder.decode(Record.self, from: sealed)
      else { continue }
      records[record.path] = record
    }
    known.withLock { $0 = records }
  }

  /// Returns a file, or all files below a directory, and then what belongs to each.
  ///
  /// - Parameter companions: the files without which one cannot be read as it is.
  /// - Throws: `InputFailure` where there is none, `SystemError` where a directory cannot be listed.
  package static func files(at url: URL, companions: (URL) throws -> [URL] = { _ in [] }) throws -> [URL] {
    let own = try files(at: url)
    let known = Set(own.map(\.path))
    return own + (try own.flatMap(companions).filter { !known.contains($0.path) })
  }

  private static func files(at url: URL) throws -> [URL] {
    guard let status = FileStatus(url.path) else {
      throw InputFailure.missing(url.path)
    }
    guard status.isDirectory else { return [url] }
    let names = try DirectoryListing.paths(below: url.path).sorted()
    return names.map { url.appendingPathComponent($0) }.filter { FileStatus($0.path)?.isDirectory == false }
  }

  /// SHA-256 over the contents of several files and their names below `base`.
  ///
  /// A file elsewhere has no name but its number among those, so their order counts; one file alone that is
  /// `base` itself is its content, so that a renamed file is the same.
  ///
  /// - Throws: as ``hash(ofFile:)``.
  package func content(of files: [URL], relativeTo base: URL) throws -> HashedContent {
    var seen: [String: FileStatus] = [:]
    let digests = try files.map { file in
      let (digest, status) = try hash(ofFile: file.scenePath)
      seen[file.scenePath] = status
      return digest
    }
    return HashedContent(digest: Self.digest(of: digests, files, relativeTo: base), files: seen)
  }

  /// SHA-256 over the contents of several files that lie in an archive: the same as if they lay on the disk.
  ///
  /// - Parameters:
  ///   - files: where they would lie, and `base` among them.
  ///   - archive: the archive; only its own state vouches for what is remembered of them.
  ///   - read: reads some of the files through, in any order, one after the other, until told not to go on.
  /// - Throws: `InputFailure` where the archive is not there or changes while it is read; `RunCancelled`;
  ///   what `read` throws.
  package func content(
    of files: [URL], relativeTo base: URL, in archive: URL,
    read: (_ files: [String], _ take: (String, UnsafeRawBufferPointer) -> Bool) throws -> Void
  ) throws -> HashedContent {
    let path = archive.scenePath
    guard let status = FileStatus(path) else { throw InputFailure.unseen(path, number: errno) }
    func name(of file: URL) -> String {
      path + "//" + Self.name(of: file, relativeTo: base, elsewhere: file.lastPathComponent)
    }
    var records = files.map { file in
      known.withLock { known in
        known[name(of: file)].flatMap { $0.size == status.size && status.has(stamp: $0.stamp) ? $0 : nil }
      }
    }
    let missing = records.indices.filter { records[$0] == nil }
    if !missing.isEmpty {
      let digests = ConsecutiveDigests()
      try read(missing.map { files[$0].path }) { file, bytes in
        digests.update(file, bytes)
        return !cancellation.isCancelled
      }
      if cancellation.isCancelled { throw RunCancelled() }
      guard FileStatus(path) == status else { throw InputWatch.change(of: path) }
      for index in missing {
        let record = Record(
          path: name(of: files[index]), size: status.size, stamp: status.stamp,
          sha256: digests.digest(of: files[index].path))
        records[index] = record
        known.withLock { $0[record.path] = record }
        remember(record)
      }
    }
    let digest = Self.digest(of: records.map { $0!.sha256 }, files, relativeTo: base)
    return HashedContent(digest: digest, files: [path: status])
  }

  private static func digest(of digests: [String], _ files: [URL], relativeTo base: URL) -> String {
    var elsewhere = 0
    let parts = zip(digests, files).map { digest, file -> (name: String, hash: String) in
      let name = name(of: file, relativeTo: base, elsewhere: "")
      if !name.isEmpty || file.scenePath == base.scenePath { return (name, digest) }
      elsewhere += 1
      return ("/\(elsewhere)", digest)
    }
    if parts.count == 1, parts[0].name.isEmpty { return parts[0].hash }
    let sorted = parts.sorted { ($0.name, $0.hash) < ($1.name, $1.hash) }
    return SHA256.hexadecimal(of: sorted.map { "\($0.hash) \($0.name)\n" }.joined())
  }

  /// Returns the path of a file below `base`, empty for `base` itself.
  private static func name(of file: URL, relativeTo base: URL, elsewhere: String) -> String {
    let (own, path) = (file.scenePath, base.scenePath)
    if own == path { return "" }
    return own.hasPrefix(path + "/") ? String(own.dropFirst(path.count + 1)) : elsewhere
  }

  /// SHA-256 of one file, and what the system says of it.
  ///
  /// - Throws: `InputFailure` where it is not there, is sparse or changes while it is read; `SystemError`
  ///   where it cannot be read; `RunCancelled`.
  package func hash(ofFile path: String) throws -> (digest: String, status: FileStatus) {
    guard let status = FileStatus(path) else {
      throw InputFailure.unseen(path, number: errno)
    }
    if let record = known.withLock({ $0[path] }), record.size == status.size, status.has(stamp: record.stamp)
    {
      return (record.sha256, status)
    }
    if cancellation.isCancelled { throw RunCancelled() }
    let (digest, _) = try FileDigest.sha256(of: path, kinds: kinds, cancellation: cancellation)
    guard FileStatus(path) == status else { throw InputWatch.change(of: path) }
    let record = Record(path: path, size: status.size, stamp: status.stamp, sha256: digest)
    known.withLock { $0[path] = record }
    remember(record)
    return (digest, status)
  }

  private func remember(_ record: Record) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard remembers, let store, let data = try? encoder.encode(record) else { return }
    // Where the memory cannot be written, the next run hashes again.
    try? AppendedLines.append(SealedLine.seal(data), to: store, durably: false)
  }
}

/// The digests of files whose bytes come one file after the other.
private final class ConsecutiveDigests {
  private var file: String?
  private var hash: SHA256? = SHA256()
  private var digests: [String: String] = [:]

  /// Takes the next piece of a file.
  func update(_ file: String, _ piece: UnsafeRawBufferPointer) {
    if file != self.file { end(beginning: file) }
    hash!.update(piece)
  }

  /// Returns the digest of a file that is over; of one of which no byte came, that of none.
  func digest(of file: String) -> String {
    end(beginning: nil)
    return digests[file] ?? SHA256.hexadecimal(of: "")
  }

  private func end(beginning next: String?) {
    guard file != next else { return }
    let digest = hash.take()!.hexadecimal()
    if let file { digests[file] = digest }
    file = next
    hash = SHA256()
  }
}
