import Foundation
import Settings

/// The log of a run, `run.log.jsonl`: one JSON record for each thing that happened, with its time in UTC.
public final class RunLog: RunObserver, Sendable {
  private let url: URL

  /// Creates a log in the directory of a run.
  public init(_ record: RunRecord) {
    url = record.directory.appendingPathComponent("run.log.jsonl")
  }

  /// Records an event with its particulars.
  public func note(_ event: String, _ particulars: [String: JSONValue] = [:]) {
    var members = particulars
    members["time"] = .string(Timestamp.iso(Date()))
    members["event"] = .string(event)
    // A log that cannot be written must not end the work it is about.
    try? AppendedLines.append(Data(JSONValue.object(members).canonical.utf8), to: url, durably: false)
  }

  /// Records the beginning of a job, and from then on each pass of its trainings.
  public func began(_ job: Job, position: Int, of total: Int, progress: JobProgress) {
    note(
      "began",
      ["task": .string(job.id), "key": .string(job.key), "position": .int(position), "total": .int(total)])
    progress.onPass { [self] pass in note("pass", pass.members.merging(["task": .string(job.id)]) { $1 }) }
  }

  /// Records the end of a job; those that are up to date are in the summary only.
  public func ended(_ outcome: JobOutcome) {
    var particulars: [String: JSONValue] = [
      "task": .string(outcome.job.id), "seconds": .number(outcome.seconds),
    ]
    switch outcome.status {
    case .upToDate: return
    case .failed(let failure): particulars["reason"] = .string(failure.reason)
    case .blocked(let id): particulars["reason"] = .string("\(id) did not succeed")
    case .done:
      let warnings = outcome.output?.warnings ?? []
      if !warnings.isEmpty { particulars["warnings"] = .array(warnings.map(JSONValue.string)) }
    case .notReached: break
    }
    note(outcome.status.word, particulars)
  }
}
