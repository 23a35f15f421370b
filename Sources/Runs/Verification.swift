import Foundation

/// A verification of every file that the ledger of an output directory names, by reading it and comparing it
/// with the record.
public struct Verification {
  /// Files that are not what was made, as lines for people: `products/t0/landcover.tif changed`.
  public private(set) var faults: [String] = []
  /// Remarks that are no faults.
  public private(set) var remarks: [String] = []
  /// The number of files read, by the part of the output directory.
  public private(set) var counts: [(part: String, files: Int)] = []
  private var damaged: [String] = []
  private let ledger: Ledger
  private let cancellation: Cancellation

  /// Reads everything below an output directory.
  ///
  /// - Throws: `LedgerFailure` where there is none, or it cannot be read; `RunCancelled`.
  public init(
    of output: URL, kinds: FileKinds, cancellation: Cancellation = Cancellation()
  ) throws {
    guard Ledger.isThere(below: output) else {
      throw LedgerFailure.none(below: output.path)
    }
    ledger = Ledger(output: output, hashes: ContentHashes(store: nil, kinds: kinds))
    if let problem = ledger.problem { throw LedgerFailure.unreadable(problem) }
    self.cancellation = cancellation
    for line in ledger.damagedLines {
      faults.append("\(line.file) changed: line \(line.line) is not what was written")
    }
    var found: [String: Int] = [:]
    for entry in ledger.allEntries where isKept(entry) { try read(entry, &found) }
    found["runs"] = try readRuns()
    counts = ["products", "reports", "models", "cache", "runs"].map { ($0, found[$0] ?? 0) }
  }

  /// Records what was found, so that the next run makes it anew.
  ///
  /// The caller holds the lock of the output directory.
  public func record() throws {
    let new = damaged.filter { !ledger.damaged.contains($0) }
    if !new.isEmpty { try ledger.recordDamage(new) }
  }

  /// Returns whether an entry's files are to be there. Caches and models of earlier keys may have been
  /// removed.
  private func isKept(_ entry: Ledger.Entry) -> Bool {
    if FileStatus(ledger.output.appendingPathComponent(entry.directory).path) != nil { return true }
    return !entry.directory.hasPrefix("cache/")
      && (!entry.directory.hasPrefix("models/") || ledger.latest(job: entry.job) == entry)
  }

  private mutating func read(_ entry: Ledger.Entry, _ found: inout [String: Int]) throws {
    if entry.files.isEmpty { faults.append("\(entry.directory): \(entry.job) has left no file") }
    for file in entry.files where !ledger.isReplaced(file, of: entry) {
      let path = ledger.output.appendingPathComponent(file.path).path
      guard FileStatus(path) != nil else {
        fault(FileFault(path: file.path, kind: .gone))
        continue
      }
      found[String(file.path.prefix { $0 != "/" }), default: 0] += 1
      do {
        if try FileDigest.sha256(
          of: path, kinds: ledger.hashes.kinds, cancellation: cancellation
        ).hexadecimal == file.sha256 {
          continue
        }
      } catch let error where !error.endsReading {
        faults.append("\(file.path): \(error)")
        damaged.append(file.path)
        continue
      }
      if file.hasOnlyStatisticsAdded(at: path, ledger.hashes.kinds) {
        remarks.append("\(file.path): another program has added statistics")
      } else {
        fault(FileFault(path: file.path, kind: .changed))
      }
    }
  }

  /// Returns the records of finished runs; those of killed ones say nothing that could be held against them.
  private mutating func readRuns() throws -> Int {
    let runs = ledger.output.appendingPathComponent("runs")
    guard FileStatus(runs.path) != nil else { return 0 }
    var count = 0
    for name in try DurableFiles.names(in: runs)
    where name != "latest" && !name.hasSuffix(RunRecord.asideSuffix) {
      if cancellation.isCancelled { throw RunCancelled() }
      let found = try RunChecksums.faults(in: runs.appendingPathComponent(name))
      count += found.read
      for each in found.faults { fault(FileFault(path: "runs/\(name)/\(each.path)", kind: each.kind)) }
    }
    return count
  }

  private mutating func fault(_ fault: FileFault) {
    faults.append(fault.description)
    damaged.append(fault.path)
  }
}
