import Foundation
import Host
import Settings

/// The record of the jobs done below an output directory: a record file a job, each replaced as a whole by
/// a rename that is flushed to the disk before the run goes on. Several processes may record jobs of their
/// own at once.
///
/// Files of products keep their names when a key changes, so a key in the ledger alone proves nothing: before
/// files are replaced, a `publishing` record withdraws the job's earlier records for the same directory. (A
/// directory that is named by its key never changes hands, so it needs none.)
public final class Ledger {
  /// The reason why what is there could not be read; nil where it could, or there is nothing.
  package let problem: SystemError?
  /// The directory that it is of.
  package let output: URL
  package let hashes: ContentHashes
  /// Lines of record files that are not believed.
  let damagedLines: [JobRecord.DamagedLine]
  private let files: RecordFiles
  private var records: [String: JobRecord] = [:]
  /// The job and key that left each file last.
  private var owners: [String: String] = [:]
  /// Files that belong to no job and that a verification found changed.
  private var damagedRuns: Set<String> = []
  /// The time at which the latest entry of all was recorded.
  private var lastRecorded = 0.0

  /// Reads the ledger of an output directory; one that is not there is empty.
  ///
  /// - Parameter hashes: vouches for files that have not changed.
  public init(output: URL, hashes: ContentHashes = ContentHashes(store: nil, kinds: .plain)) {
    (self.output, self.hashes, files) = (output, hashes, RecordFiles(below: output))
    let found: RecordFiles.Contents
    do {
      found = try files.read()
      problem = nil
    } catch {
      found = .init()
      problem = error
    }
    damagedLines = found.damagedLines
    for record in found.records { records[record.job, default: JobRecord(job: record.job)].join(record) }
    damagedRuns = found.damagedRuns
    damaged = records.values.reduce(into: damagedRuns) { $0.formUnion($1.damaged) }
    own(records.values.flatMap(\.entries))
  }

  /// Returns whether anything has ever been recorded below an output directory.
  public static func isThere(below output: URL) -> Bool { RecordFiles(below: output).areThere }

  /// Returns the file of a job's record.
  package static func recordFile(of job: String, in placement: Placement, below output: URL) -> URL {
    output.appendingPathComponent(RecordFiles.path(of: job, in: placement))
  }

  /// Files that a verification found changed and nobody has made anew since.
  private(set) var damaged: Set<String> = []

  /// The entries that have not been withdrawn, by job.
  var allEntries: [Entry] { records.sorted { $0.key < $1.key }.flatMap(\.value.entries) }

  /// Returns the entry of a job under a key, nil where it was not done or its files were replaced since.
  public func entry(job: String, key: String) -> Entry? {
    records[job]?.entries.last { $0.key == key }
  }

  /// Returns the latest entry of a job under any key.
  public func latest(job: String) -> Entry? { records[job]?.entries.last }

  /// Returns the entries of a job, oldest first.
  public func history(job: String) -> [Entry] { records[job]?.entries ?? [] }

  /// Returns the files of the subjects of a place that no later job has replaced, by their paths.
  package func files(in placement: Placement) -> [ProducedFile] {
    allEntries.filter { $0.directory.hasPrefix(placement.rawValue + "/") }.flatMap { entry in
      entry.files.filter { !isReplaced($0, of: entry) }
    }.sorted { $0.path < $1.path }
  }

  /// Returns whether a file of an entry has been replaced by another job or key.
  func isReplaced(_ file: ProducedFile, of entry: Entry) -> Bool {
    owners[file.path] != entry.job + entry.key
  }

  /// Reads again what other processes have recorded of a job.
  func reload(_ job: Job) throws {
    guard let found = try files.record(of: job.id, in: job.placement) else { return }
    records[job.id] = found
    own(found.entries)
  }

  /// Withdraws the job's entries whose files are about to be replaced.
  ///
  /// - Returns: every file that the job may have left in the directory, this and earlier times.
  func beginPublishing(job: String, key: String, directory: String, files: [String]) throws -> Set<String> {
    var record = records[job] ?? JobRecord(job: job)
    record.withdraw(directory, key: key, replacedBy: files)
    try write(record)
    return record.withdrawn
  }

  /// Records that the job is done and its files are in place.
  package func record(_ entry: Entry) throws {
    var entry = entry
    entry.recorded = max(Date().timeIntervalSince1970, lastRecorded + 1e-6)
    var record = records[entry.job] ?? JobRecord(job: entry.job)
    record.add(entry)
    try write(record)
    damaged.subtract(entry.files.map(\.path))
    own([entry])
  }

  /// Records that files are not what they were when they were made; the next run makes them anew.
  func recordDamage(_ damaged: [String]) throws {
    for path in damaged {
      if var record = records.values.first(where: { $0.hasLeft(path) }) {
        record.damaged.insert(path)
        try write(record)
      } else {
        damagedRuns.insert(path)
      }
    }
    try files.write(damagedRuns: damagedRuns)
    self.damaged.formUnion(damaged)
  }

  /// Brings the files to what is believed of them: what killed processes have left is removed, lines that are
  /// not believed are left out, so that they are said once, and a ledger of one file becomes record files.
  ///
  /// The caller holds the lock of the output directory.
  func tidy() throws {
    try files.sweep()
    guard files.isOfOneFile || !damagedLines.isEmpty else { return }
    try files.rewrite(Array(records.values), damaged: Set(damagedLines.map(\.file)))
    try files.write(damagedRuns: damagedRuns)
  }

  /// Forgets runs whose records were set aside.
  func forgetDamagedRuns() throws {
    guard !damagedRuns.isEmpty else { return }
    damaged.subtract(damagedRuns)
    damagedRuns = []
    try files.write(damagedRuns: [])
  }

  private func write(_ record: JobRecord) throws {
    try files.write(record)
    records[record.job] = record
  }

  private func own(_ entries: [Entry]) {
    for entry in entries.sorted(by: { ($0.recorded ?? 0, $0.job) < ($1.recorded ?? 0, $1.job) }) {
      for file in entry.files { owners[file.path] = entry.job + entry.key }
      lastRecorded = max(lastRecorded, entry.recorded ?? 0)
    }
  }
}

extension Ledger {
  /// A job that was done under one key.
  public struct Entry: Sendable, Hashable, Codable {
    /// The job's id.
    public var job: String
    /// The key it ran under.
    public var key: String
    /// The components of the key, as the text whose SHA-256 the key is. Kept as text because a run with
    /// nothing to do reads every entry and needs the components of none.
    public var keyText: String
    /// The directory of the entry's files, relative to the output directory.
    public var directory: String
    /// The entry's files.
    public var files: [ProducedFile]
    /// The job's findings; nil where terrane 0.1 did it, whose figures had other names.
    public var findings: [Finding]?
    /// The job's warnings to the user.
    public var warnings: [String]
    /// The duration of the job.
    public var seconds: Double
    /// The threads that it had; nil where an earlier version did it.
    public var threads: Int?
    /// The pixels of the scenes that it was about, in millions; nil where it was about none, or an earlier
    /// version did it.
    public var megapixels: Double?
    /// The run that did it.
    public var run: String
    /// Versions of terrane, its kernels and libraries that did it, by name; nil where terrane 0.1 did.
    public var versions: [String: String]?
    /// The time at which the entry was recorded, in seconds since 1970: of two jobs that say that they left
    /// a file the later one did. Nil in a ledger of one file, whose lines stand in their order.
    package var recorded: Double?

    private enum CodingKeys: String, CodingKey {
      case job = "task"
      case key, keyText, directory, files, findings, warnings, seconds, threads, megapixels, run, versions,
        recorded
    }

    /// The components of the key; nil where another version of terrane wrote them in another form.
    public var components: KeyComponents? {
      try? JSONDecoder().decode(KeyComponents.self, from: Data(keyText.utf8))
    }

    /// The entry as dependants see it.
    public var output: JobOutput {
      JobOutput(
        job: job, key: key, directory: directory, files: files, findings: findings ?? [],
        warnings: warnings, versions: versions ?? [:])
    }
  }
}
