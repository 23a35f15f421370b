import Crypto
import Foundation
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
    guard let store, let data = try? Data(contentsOf: store) else { return }
    let decoder = JSONDecoder()
    var records: [String: Record] = [:]
    for line in data.split(separator: UInt8(ascii: "\n")) {
      if let record = try? decoder.decode(Record.self, from: Data(line)) { records[record.path] = record }
    }
    known.withLock { $0 = records }
  }

  /// SHA-256 of a file, or of the names and contents of the files below a directory.
  ///
  /// - Throws: `TaskFailure` where something cannot be read.
  public func hash(of url: URL) throws -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw TaskFailure("\(url.path): no such file", exitCode: .noInput)
    }
    if !isDirectory.boolValue { return try hash(ofFile: url) }
    let names = try FileManager.default.subpathsOfDirectory(atPath: url.path)
    let files = names.map { url.appendingPathComponent($0) }.filter {
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0.path, isDirectory: &isDirectory)
        && !isDirectory.boolValue
    }
    return try hash(of: files, relativeTo: url)
  }

  /// SHA-256 over several files' names below `base` and contents, in the order of the names. One file that is `base`
  /// itself has no name: a renamed file has the same content.
  func hash(of files: [URL], relativeTo base: URL) throws -> String {
    let root = base.standardizedFileURL.path + "/"
    let parts = try files.map { file -> (name: String, hash: String) in
      let path = file.standardizedFileURL.path
      return (path.hasPrefix(root) ? String(path.dropFirst(root.count)) : "", try hash(ofFile: file))
    }
    if parts.count == 1, parts[0].name.isEmpty { return parts[0].hash }
    let sorted = parts.sorted { ($0.name, $0.hash) < ($1.name, $1.hash) }
    return Self.hash(text: sorted.map { "\($0.hash) \($0.name)\n" }.joined())
  }

  /// SHA-256 of a text.
  static func hash(text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).hexadecimal
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
