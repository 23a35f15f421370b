import Foundation
import Host

/// What has been done below an output directory: an append-only file of one JSON record a line, each flushed to the
/// disk before the run goes on. A line torn by a crash is passed over.
///
/// Files of products keep their names when a key changes, so a key in the ledger alone proves nothing: before files are
/// replaced, a `publishing` record withdraws the task's earlier records for the same directory. (A directory that is
/// named by its key never changes hands, so it needs none.)
public final class Ledger {
  /// A task that was done under one key.
  public struct Entry: Sendable, Hashable, Codable {
    /// The task's id.
    public var task: String
    /// The key it ran under.
    public var key: String
    /// What the key is made of, as the text whose SHA-256 the key is. Kept as text because a run with nothing to do
    /// reads every entry and needs the components of none.
    public var keyText: String
    /// Its directory, relative to the output directory.
    public var directory: String
    /// Its files.
    public var files: [ProducedFile]
    /// Its figures.
    public var metrics: [String: JSONValue]
    /// What the user should know.
    public var warnings: [String]
    /// How long it took.
    public var seconds: Double
    /// The run that did it.
    public var run: String

    /// What the key is made of; nil where a later version of terrane wrote it in another form.
    public var components: KeyComponents? {
      try? JSONDecoder().decode(KeyComponents.self, from: Data(keyText.utf8))
    }

    /// The entry as dependants see it.
    public var output: TaskOutput {
      TaskOutput(task: task, key: key, files: files, metrics: metrics, warnings: warnings)
    }
  }

  private struct Line: Codable {
    var done: Entry?
    var publishing: Publishing?
  }

  private struct Publishing: Codable {
    var task: String
    var key: String
    var directory: String
    /// The files that are to lie there, of which some may whatever happens next.
    var files: [String]
  }

  /// The file.
  public let url: URL
  /// Why the file that is there could not be read; nil where it could, or there is none.
  let problem: SystemError?
  private let output: URL
  private var entries: [String: [Entry]] = [:]
  private var owners: [String: String] = [:]
  /// By task, the files that records withdrawn since its latest entry speak of.
  private var withdrawn: [String: Set<String>] = [:]

  /// Reads the ledger of an output directory; one that is not there is empty.
  public init(output: URL) {
    self.output = output
    url = output.appendingPathComponent("ledger.jsonl")
    let data: Data
    do {
      data = try RegularFile.contents(of: url.path)
    } catch {
      problem = error.kind == .missing ? nil : error
      return
    }
    problem = nil
    let decoder = JSONDecoder()
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let line = try? decoder.decode(Line.self, from: Data(line)) else { continue }
      take(line)
    }
  }

  /// The entry of a task under a key, nil where it was not done or its files were replaced since.
  public func entry(task: String, key: String) -> Entry? {
    entries[task]?.last { $0.key == key }
  }

  /// The latest entry of a task under any key.
  public func latest(task: String) -> Entry? {
    entries[task]?.last
  }

  /// The entries of a task, oldest first.
  public func history(task: String) -> [Entry] {
    entries[task] ?? []
  }

  /// The files of an entry that are gone, have another size, or belong to another task by now.
  public func missingFiles(of entry: Entry) -> [String] {
    entry.files.filter { file in
      let status = FileStatus(output.appendingPathComponent(file.path).path)
      return status?.size != file.bytes || owners[file.path] != entry.task + entry.key
    }.map(\.path)
  }

  /// Withdraws the task's entries whose files are about to be replaced.
  ///
  /// - Returns: every file that the task may have left in the directory, this and earlier times.
  func beginPublishing(task: String, key: String, directory: String, files: [String]) throws -> Set<String> {
    try append(Line(publishing: Publishing(task: task, key: key, directory: directory, files: files)))
    return withdrawn[task, default: []]
  }

  /// Records that the task is done and its files are in place.
  func record(_ entry: Entry) throws {
    try append(Line(done: entry))
  }

  private func append(_ line: Line) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AppendedLines.append(encoder.encode(line), to: url, durably: true)
    take(line)
  }

  private func take(_ line: Line) {
    if let publishing = line.publishing {
      let replaced = history(task: publishing.task).filter { $0.directory == publishing.directory }
      withdrawn[publishing.task, default: []].formUnion(
        replaced.flatMap(\.files).map(\.path) + publishing.files)
      entries[publishing.task]?.removeAll { $0.directory == publishing.directory }
    }
    if let entry = line.done {
      withdrawn[entry.task] = nil
      entries[entry.task, default: []].removeAll { $0.key == entry.key }
      entries[entry.task, default: []].append(entry)
      for file in entry.files { owners[file.path] = entry.task + entry.key }
    }
  }
}
