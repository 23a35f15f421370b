import Foundation
import Host

/// The files of a ledger: `ledger/<placement>/<32 digits>.jsonl`, one a job, each of sealed JSON lines.
///
/// The digits are the first of the SHA-256 of the job's id. `ledger/damaged.jsonl` names changed files that
/// belong to no job. `ledger.jsonl`, one file for all jobs, is read as well: earlier versions appended to
/// it.
struct RecordFiles {
  /// The records found, and the damage.
  struct Contents {
    var records: [JobRecord] = []
    var damagedLines: [JobRecord.DamagedLine] = []
    var damagedRuns: Set<String> = []
  }

  private let output: URL
  private static let directory = "ledger"
  private static let runs = "ledger/damaged.jsonl"
  private static let oneFile = "ledger.jsonl"

  /// Creates the files below an output directory.
  init(below output: URL) { self.output = output }

  private func url(_ path: String) -> URL { output.appendingPathComponent(path) }

  /// Whether there is a ledger.
  var areThere: Bool { isOfOneFile || FileStatus(url(Self.directory).path) != nil }

  /// Whether there is one that an earlier version has appended to.
  var isOfOneFile: Bool { FileStatus(url(Self.oneFile).path) != nil }

  /// Returns the paths of the directory and the file that hold the records of an output directory.
  static func paths(below output: URL) -> [String] {
    [directory, oneFile].map { output.appendingPathComponent($0).path }
  }

  /// Returns the file of a job's record, relative to the output directory.
  static func path(of job: String, in placement: Placement) -> String {
    "\(directory)/\(placement.rawValue)/\(SHA256.hexadecimal(of: job).prefix(32)).jsonl"
  }

  // MARK: - Reading

  /// Reads all records.
  ///
  /// - Throws: `SystemError` where a directory or a file that is there cannot be read.
  func read() throws(SystemError) -> Contents {
    var contents = Contents()
    for path in try names() { try read(path, into: &contents) }
    if try isThere(Self.runs) {
      for line in try lines(of: Self.runs, &contents) { contents.damagedRuns.formUnion(line.damaged ?? []) }
    }
    // What stands in it is older than what has a file of its own.
    if try isThere(Self.oneFile) { try readOneFile(into: &contents) }
    return contents
  }

  /// Returns the record of a job; nil where it has none.
  func record(of job: String, in placement: Placement) throws(SystemError) -> JobRecord? {
    let path = Self.path(of: job, in: placement)
    guard try isThere(path) else { return nil }
    var contents = Contents()
    try read(path, into: &contents)
    return contents.records.first { $0.job == job }
  }

  /// Returns the SHA-256 that was last recorded of a model's file; nil where none is recorded. Quicker than
  /// reading all records.
  ///
  /// - Throws: `SystemError` where a directory or a file that is there cannot be read.
  func digest(ofModelFile path: String) throws(SystemError) -> String? {
    let wanted = Data(#""path":"\#(path)""#.utf8)
    var entries: [Ledger.Entry] = []
    for file in try names(in: .models) + (try isThere(Self.oneFile) ? [Self.oneFile] : []) {
      let data = try RegularFile.contents(of: url(file).path)
      guard data.range(of: wanted) != nil else { continue }
      entries += data.split(separator: UInt8(ascii: "\n")).compactMap { line in
        line.range(of: wanted) == nil ? nil : Self.line(line)?.done
      }
    }
    return entries.sorted { ($0.recorded ?? 0) < ($1.recorded ?? 0) }.flatMap(\.files)
      .last { $0.path == path }?.sha256
  }

  /// Returns whether there is a file or a directory.
  ///
  /// - Throws: `SystemError` where the system does not say.
  private func isThere(_ path: String) throws(SystemError) -> Bool {
    let path = url(path).path
    if FileStatus(path) != nil { return true }
    guard errno == ENOENT || errno == ENOTDIR else { throw SystemError("read", path, .number(errno)) }
    return false
  }

  private func names() throws(SystemError) -> [String] {
    var paths: [String] = []
    for placement in Placement.allCases { paths += try names(in: placement) }
    return paths
  }

  private func names(in placement: Placement) throws(SystemError) -> [String] {
    let directory = "\(Self.directory)/\(placement.rawValue)"
    guard try isThere(directory) else { return [] }
    return try DirectoryListing.names(in: url(directory).path)
      .filter { $0.hasSuffix(".jsonl") && !$0.hasPrefix(DurableFiles.temporaryPrefix) }.map {
        "\(directory)/\($0)"
      }
  }

  private func read(_ path: String, into contents: inout Contents) throws(SystemError) {
    let lines = try lines(of: path, &contents)
    guard let job = lines.lazy.compactMap(\.job).first else { return }
    var record = JobRecord(job: job)
    for line in lines { record.take(line) }
    contents.records.append(record)
  }

  /// Returns the lines of a file that are believed, in their order; the others are noted, but for a last one
  /// that a crash has torn.
  private func lines(of path: String, _ contents: inout Contents) throws(SystemError) -> [JobRecord.Line] {
    let data = try RegularFile.contents(of: url(path).path)
    var lines: [JobRecord.Line] = []
    let texts = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, text) in texts.enumerated() where !text.isEmpty {
      if let line = Self.line(text) {
        lines.append(line)
      } else if index < texts.count - 1 {
        contents.damagedLines.append(.init(file: path, line: index + 1))
      }
    }
    return lines
  }

  private static func line(_ text: Data) -> JobRecord.Line? {
    SealedLine.open(text, isOldTaken: true).flatMap {
      try? JSONDecoder().decode(JobRecord.Line.self, from: $0)
    }
  }

  private func readOneFile(into contents: inout Contents) throws(SystemError) {
    var records: [String: JobRecord] = [:]
    var damaged: Set<String> = []
    for (index, line) in try lines(of: Self.oneFile, &contents).enumerated() {
      var line = line
      // What has no time of its own keeps its place before all that has.
      if line.done?.recorded == nil { line.order(Double(index) * 1e-6) }
      damaged.formUnion(line.damaged ?? [])
      guard let job = line.job else { continue }
      records[job, default: JobRecord(job: job)].take(line)
      damaged.subtract(line.done?.files.map(\.path) ?? [])
    }
    for (job, record) in records {
      let own = Set(record.entries.flatMap(\.files).map(\.path)).intersection(damaged)
      records[job]!.damaged.formUnion(own)
      damaged.subtract(own)
    }
    contents.damagedRuns.formUnion(damaged)
    contents.records += records.values
  }

  // MARK: - Writing

  /// Removes what killed processes have left beside the files. The caller holds the lock of the output
  /// directory.
  func sweep() throws {
    for directory in [Self.directory] + Placement.allCases.map({ "\(Self.directory)/\($0.rawValue)" }) {
      try DurableFiles.sweep(url(directory))
    }
  }

  /// Replaces the file of a job's record.
  ///
  /// - Throws: `SystemError` that names the file and the system's reason.
  func write(_ record: JobRecord) throws {
    guard let placement = record.placement else { return }
    try write(record.lines, to: Self.path(of: record.job, in: placement))
  }

  /// Replaces the list of changed files that belong to no job.
  func write(damagedRuns: Set<String>) throws {
    if damagedRuns.isEmpty { return try DurableFiles.remove(url(Self.runs)) }
    try write([JobRecord.Line(damaged: damagedRuns.sorted())], to: Self.runs)
  }

  /// Writes the files anew of which lines are not believed, all where there is one file for all jobs, which
  /// then goes.
  ///
  /// - Parameter damaged: the paths of files of which lines are not believed.
  func rewrite(_ records: [JobRecord], damaged: Set<String>) throws {
    let takesOver = isOfOneFile
    var stray = damaged.subtracting([Self.runs])
    for record in records {
      guard let placement = record.placement else { continue }
      let path = Self.path(of: record.job, in: placement)
      if takesOver || stray.remove(path) != nil { try write(record) }
    }
    for path in stray.union([Self.oneFile]) { try DurableFiles.remove(url(path)) }
  }

  private func write(_ lines: [JobRecord.Line], to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let texts = try lines.map { try SealedLine.seal(encoder.encode($0)) }
    try DurableFiles.makeDirectory(url(path).deletingLastPathComponent())
    try DurableFiles.write(Data(texts.joined(separator: [UInt8(ascii: "\n")])), to: url(path))
  }
}

extension JobRecord.Line {
  /// Gives what was done a place among what has no time.
  fileprivate mutating func order(_ place: Double) {
    guard var entry = done else { return }
    entry.recorded = place
    done = entry
  }
}
