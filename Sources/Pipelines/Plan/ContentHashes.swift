import Foundation
import Host
import Synchronization

/// SHA-256 of input files, with a memory of files that have not changed since they were last read.
///
/// Size, modification time to the nanosecond, inode and device together vouch for a stored hash. The memory is one
/// JSON record a line, appended; a line torn by a crash is not JSON and is passed over.
public final class ContentHashes: Sendable {
  private struct Record: Codable {
    var path: String
    var size: Int
    var modified: String
    var inode: UInt64
    var device: UInt64
    var sha256: String
  }

  private let store: URL?
  private let remembers: Bool
  private let cancellation: Cancellation
  private let known = Mutex<[String: Record]>([:])

  /// Hashes with a memory in the file `store`, or with none; `remembers: false` reads the memory and leaves it alone.
  public init(store: URL?, remembers: Bool = true, cancellation: Cancellation = Cancellation()) {
    self.store = store
    self.remembers = remembers
    self.cancellation = cancellation
    guard let store, let data = try? RegularFile.contents(of: store.path) else { return }
    let decoder = JSONDecoder()
    var records: [String: Record] = [:]
    for line in data.split(separator: UInt8(ascii: "\n")) {
      if let record = try? decoder.decode(Record.self, from: Data(line)) { records[record.path] = record }
    }
    known.withLock { $0 = records }
  }

  /// SHA-256 of a file, or of all files below a directory, and of what belongs to each.
  ///
  /// - Parameter companions: the files without which one cannot be read as it is.
  /// - Throws: `TaskFailure` where something cannot be read.
  public func hash(of url: URL, companions: (URL) -> [URL] = { _ in [] }) throws -> String {
    let own = try Self.files(at: url)
    let known = Set(own.map(\.path))
    let others = own.flatMap(companions).filter { !known.contains($0.path) }
    return try hash(of: own + others, relativeTo: url)
  }

  private static func files(at url: URL) throws -> [URL] {
    guard let status = FileStatus(url.path) else {
      throw TaskFailure("\(url.path): no such file", exitCode: .noInput)
    }
    guard status.isDirectory else { return [url] }
    let names = try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
    return names.map { url.appendingPathComponent($0) }.filter { FileStatus($0.path)?.isDirectory == false }
  }

  /// SHA-256 over the contents of several files and their names below `base`.
  ///
  /// A file elsewhere has no name but its number among those, so their order counts; one file alone that is `base` itself is
  /// its content, so that a renamed file is the same.
  ///
  /// - Throws: `TaskFailure` where something cannot be read.
  func hash(of files: [URL], relativeTo base: URL) throws -> String {
    let path = base.standardizedFileURL.path
    var elsewhere = 0
    let parts = try files.map { file -> (name: String, hash: String) in
      let own = file.standardizedFileURL.path
      let digest = try hash(ofFile: file)
      if own == path { return ("", digest) }
      if own.hasPrefix(path + "/") { return (String(own.dropFirst(path.count + 1)), digest) }
      elsewhere += 1
      return ("/\(elsewhere)", digest)
    }
    if parts.count == 1, parts[0].name.isEmpty { return parts[0].hash }
    let sorted = parts.sorted { ($0.name, $0.hash) < ($1.name, $1.hash) }
    return Self.hash(text: sorted.map { "\($0.hash) \($0.name)\n" }.joined())
  }

  /// SHA-256 of a text.
  static func hash(text: String) -> String {
    SHA256.hexadecimal(of: text)
  }

  private func hash(ofFile url: URL) throws -> String {
    let path = url.standardizedFileURL.path
    guard let status = FileStatus(path) else {
      throw TaskFailure("\(path): \(String(cString: strerror(errno)))", exitCode: .noInput)
    }
    if let record = known.withLock({ $0[path] }), record.size == status.size,
      record.modified == status.modified, record.inode == status.inode, record.device == status.device
    {
      return record.sha256
    }
    if cancellation.isCancelled { throw RunCancelled() }
    let (digest, _) = try FileDigest.sha256(of: path, cancellation: cancellation)
    let record = Record(
      path: path, size: status.size, modified: status.modified, inode: status.inode, device: status.device,
      sha256: digest)
    // A file that changed while it was read gets no stored hash: its next run reads it again.
    if let now = FileStatus(path), now == status {
      known.withLock { $0[path] = record }
      remember(record)
    }
    return digest
  }

  private func remember(_ record: Record) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard remembers, let store, let data = try? encoder.encode(record) else { return }
    // The memory is a shortcut: where it cannot be written, the next run hashes again.
    try? AppendedLines.append(data, to: store, durably: false)
  }
}
