import Foundation
import Host
import Settings

/// The records of the runs of an output directory, `runs/*/summary.json`, the newest last.
package struct RunHistory: Sendable, Hashable {
  /// A directory of a run whose record does not say anything.
  package struct Unreadable: Sendable, Hashable {
    /// The id of the run.
    package let id: String
    /// Why its record cannot be read.
    package let reason: String

    /// Creates the fault of a record.
    package init(id: String, reason: String) { (self.id, self.reason) = (id, reason) }
  }

  /// The runs, the newest last.
  package let runs: [RecordedRun]
  /// The runs whose records are damaged or gone, the newest last.
  package let unreadable: [Unreadable]

  /// Reads the records of the newest runs.
  ///
  /// - Parameter count: the number of newest runs that are looked at.
  /// - Throws: `SystemError` where there is a directory of runs that cannot be listed; one that is not there
  ///   has no runs.
  package init(below output: URL, last count: Int = .max) throws(SystemError) {
    var (runs, unreadable): ([RecordedRun], [Unreadable]) = ([], [])
    for id in try Self.ids(below: output).suffix(count) {
      switch Self.read(id, below: output) {
      case .success(let run): runs.append(run)
      case .failure(let problem): unreadable.append(Unreadable(id: id, reason: problem.words))
      }
    }
    (self.runs, self.unreadable) = (runs, unreadable)
  }

  /// Returns the ids of the runs that have a directory, the newest last; those whose record a verification
  /// has set aside are none of them.
  ///
  /// - Throws: `SystemError` where the directory of runs cannot be listed.
  package static func ids(below output: URL) throws(SystemError) -> [String] {
    let runs = output.appendingPathComponent("runs")
    guard FileStatus(runs.path) != nil else { return [] }
    // The names begin with the time, so their order is that of time.
    return try DurableFiles.names(in: runs).filter(isID).sorted()
  }

  /// Returns the record of one run; nil where it is damaged or not there.
  package static func run(_ id: String, below output: URL) -> RecordedRun? {
    guard isID(id) else { return nil }
    return try? read(id, below: output).get()
  }

  private static func isID(_ name: String) -> Bool {
    name.wholeMatch(of: /\d{8}T\d{6}Z-[0-9a-f]+/) != nil
  }

  /// Why a record cannot be read.
  private struct Problem: Error { let words: String }

  private static func read(_ id: String, below output: URL) -> Result<RecordedRun, Problem> {
    let directory = output.appendingPathComponent("runs/\(id)")
    do {
      let data = try RegularFile.contents(
        of: directory.appendingPathComponent("summary.json").path, limit: longestRecord)
      guard let run = RecordedRun(try JSONValue(parsing: data), in: directory) else {
        return .failure(Problem(words: "summary.json is no record of a run"))
      }
      return .success(run)
    } catch let error as JSONSyntaxError {
      return .failure(Problem(words: "summary.json is damaged: \(error)"))
    } catch {
      return .failure(Problem(words: "\(error)"))
    }
  }

  /// The bytes of the longest record that is read: far more than one of 100,000 scenes.
  private static let longestRecord = 1 << 30

  /// Returns what a JSON file of a run holds; nil where it cannot be read.
  package static func json(at url: URL) -> JSONValue? {
    guard let data = try? RegularFile.contents(of: url.path, limit: longestRecord) else { return nil }
    return try? JSONValue(parsing: data)
  }
}
