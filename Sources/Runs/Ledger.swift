import Foundation
import Host
import Settings

/// What has been done below an output directory: an append-only file of one sealed JSON record a line, each
/// flushed to the disk before the run goes on. A line that a crash has torn, or that is not what was written,
/// is not believed.
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
    /// What it has found; nil where terrane 0.1 did it, whose figures had other names.
    public var findings: [Finding]?
    /// What the user should know.
    public var warnings: [String]
    /// How long it took.
    public var seconds: Double
    /// The run that did it.
    public var run: String
    /// Versions of terrane, its kernels and libraries that did it, by name; nil where terrane 0.1 did.
    public var versions: [String: String]?

    /// What the key is made of; nil where another version of terrane wrote it in another form.
    public var components: KeyComponents? {
      try? JSONDecoder().decode(KeyComponents.self, from: Data(keyText.utf8))
    }

    /// The entry as dependants see it.
    public var output: TaskOutput {
      TaskOutput(
        task: task, key: key, directory: directory, files: files, findings: findings ?? [],
        warnings: warnings, versions: versions ?? [:])
    }
  }

  private struct Line: Codable {
    package var done: Entry?
    var publishing: Publishing?
    /// Files, relative to the output directory, whose content is not what was recorded.
    var damaged: [String]?
  }

  private struct Publishing: Codable {
    package var task: String
    package var key: String
    package var directory: String
    /// The files that are to lie there, of which some may whatever happens next.
    package var files: [String]
  }

  /// The file.
  public let url: URL
  /// Why the file that is there could not be read; nil where it could, or there is none.
  package let problem: SystemError?
  /// The directory that it is of.
  package let output: URL
  package let hashes: ContentHashes
  /// The numbers, from 1, of lines that are not believed; a torn last line is none.
  let damagedLines: [Int]
  /// Files that a verification found changed and nobody has made anew since.
  private(set) var damaged: Set<String> = []
  private var hasTornLine = false
  private var entries: [String: [Entry]] = [:]
  private var owners: [String: String] = [:]
  /// By task, the files that records withdrawn since its latest entry speak of.
  private var withdrawn: [String: Set<String>] = [:]

  /// Reads the ledger of an output directory; one that is not there is empty.
  ///
  /// - Parameter hashes: vouches for files that have not changed.
  public init(output: URL, hashes: ContentHashes = ContentHashes(store: nil, kinds: .plain)) {
    self.output = output
    self.hashes = hashes
    url = Self.file(of: output)
    var data = Data()
    do {
      data = try RegularFile.contents(of: url.path)
      problem = nil
    } catch {
      problem = error.kind == .missing ? nil : error
    }
    let decoder = JSONDecoder()
    var (lines, damagedLines): ([Line], [Int]) = ([], [])
    let texts = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, text) in texts.enumerated() where !text.isEmpty {
      if let record = SealedLine.open(text, isOldTaken: true),
        let line = try? decoder.decode(Line.self, from: record)
      {
        lines.append(line)
      } else if index == texts.count - 1 {
        hasTornLine = true
      } else {
        damagedLines.append(index + 1)
      }
    }
    self.damagedLines = damagedLines
    lines.forEach(take)
  }

  /// The ledger of an output directory.
  public static func file(of output: URL) -> URL { output.appendingPathComponent("ledger.jsonl") }

  /// The SHA-256 that a ledger has last recorded of a file; nil where it records none. Quicker than reading
  /// the whole ledger.
  package static func digest(of path: String, below output: URL) -> String? {
    guard let data = try? RegularFile.contents(of: file(of: output).path) else { return nil }
    let wanted = Data(#""path":"\#(path)""#.utf8)
    let decoder = JSONDecoder()
    var digest: String?
    for text in data.split(separator: UInt8(ascii: "\n"))
    where text.range(of: wanted) != nil {
      guard let record = SealedLine.open(text, isOldTaken: true),
        let entry = (try? decoder.decode(Line.self, from: record))?.done
      else { continue }
      digest = entry.files.first { $0.path == path }?.sha256 ?? digest
    }
    return digest
  }

  /// Every entry that has not been withdrawn, by task.
  var allEntries: [Entry] { entries.sorted { $0.key < $1.key }.flatMap(\.value) }

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

  /// Whether a file of an entry has been replaced by another task or key.
  func isReplaced(_ file: ProducedFile, of entry: Entry) -> Bool {
    owners[file.path] != entry.task + entry.key
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

  /// Records that files are not what they were when they were made; the next run makes them anew.
  func recordDamage(_ files: [String]) throws {
    try append(Line(damaged: files))
  }

  /// Leaves out the lines that are not believed, so that they are said once.
  ///
  /// The caller holds the lock of the output directory.
  func dropDamagedLines() throws {
    guard hasTornLine || !damagedLines.isEmpty else { return }
    let lines = try RegularFile.contents(of: url.path).split(separator: UInt8(ascii: "\n"))
    let believed = lines.filter { text in
      SealedLine.open(text, isOldTaken: true).map { (try? JSONDecoder().decode(Line.self, from: $0)) != nil }
        ?? false
    }
    try DurableFiles.write(Data(believed.joined(separator: [UInt8(ascii: "\n")])), to: url)
  }

  private func append(_ line: Line) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AppendedLines.append(SealedLine.seal(encoder.encode(line)), to: url, durably: true)
    take(line)
  }

  private func take(_ line: Line) {
    damaged.formUnion(line.damaged ?? [])
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
      for file in entry.files {
        owners[file.path] = entry.task + entry.key
        damaged.remove(file.path)
      }
    }
  }
}
