import Foundation
import Settings

/// The job that left a file, and what that job was made of: job by job back to the files of others.
package struct FileOrigin: Sendable {
  /// The output directory.
  package let output: URL
  /// The file's path below it; nil where a directory of a job was asked about.
  package let path: String?
  /// The file as it was recorded; nil of a directory.
  package let recorded: ProducedFile?
  /// Whether the file holds what was recorded; nil of a directory.
  package let isWhole: Bool?
  /// The job that left it.
  package let entry: Ledger.Entry
  /// The jobs that it builds on, the nearest first, each with how many steps it lies back.
  package let chain: [(depth: Int, entry: Ledger.Entry?, words: String)]
  /// The record of the run that made it; nil where that is gone.
  package let run: RecordedRun?

  /// Finds the job that left a file, or all files of a directory.
  ///
  /// - Throws: `AskingFailure` where it lies below no output directory, or no job left it; `LedgerFailure`
  ///   where the ledger cannot be read.
  package init(of file: URL, kinds: FileKinds) throws {
    let file = file.resolvingSymlinksInPath().standardizedFileURL
    var output = file
    repeat { output.deleteLastPathComponent() } while output.path != "/" && !Ledger.isThere(below: output)
    guard Ledger.isThere(below: output) else { throw AskingFailure.noOwner(file.path) }
    let hashes = ContentHashes(
      store: output.appendingPathComponent("cache/hashes.jsonl"), kinds: kinds, remembers: false)
    let ledger = Ledger(output: output, hashes: hashes)
    if let problem = ledger.problem { throw LedgerFailure.unusable(problem) }
    let path = String(file.path.dropFirst(output.path.count + 1))
    let entries = ledger.allEntries.sorted { ($0.recorded ?? 0) < ($1.recorded ?? 0) }
    let own = entries.last { $0.files.contains { $0.path == path } }
    guard let entry = own ?? entries.last(where: { $0.directory == path }) else {
      throw AskingFailure.unknownFile(file.path, output: output.path)
    }
    (self.output, self.entry) = (output, entry)
    recorded = entry.files.first { $0.path == path }
    self.path = recorded?.path
    isWhole = try recorded.map { try ledger.fault(of: $0) == nil }
    run = RunHistory.run(entry.run, below: output)
    chain = Self.chain(of: entry, in: Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { $1 }))
  }

  private static func chain(
    of entry: Ledger.Entry, in entries: [String: Ledger.Entry]
  ) -> [(depth: Int, entry: Ledger.Entry?, words: String)] {
    var chain: [(depth: Int, entry: Ledger.Entry?, words: String)] = []
    var seen: Set<String> = []
    func follow(_ entry: Ledger.Entry, depth: Int) {
      for words in entry.components?.upstream ?? [] {
        let parts = words.split(separator: " ")
        guard let key = parts.last.map(String.init), seen.insert(key).inserted else { continue }
        let before = entries[key]
        chain.append(
          (depth, before, before?.job ?? "\(parts.dropLast().joined(separator: " ")), whose record is gone"))
        if let before { follow(before, depth: depth + 1) }
      }
    }
    follow(entry, depth: 1)
    return chain
  }
}
