import Foundation

/// One run below an output directory: it holds the directory's lock from the first look at the ledger to the
/// last line of the record.
public final class RunSession {
  /// The id of the run.
  public let runID: String
  private let output: URL
  private let began: Date
  private let lock: RunLock

  /// Begins a run.
  ///
  /// - Parameter began: when the process began.
  /// - Throws: `SystemError` where the output directory cannot be made; `LockFailure`, exit 75 where another
  ///   run holds it.
  public init(output: URL, began: Date) throws {
    (self.output, self.began) = (output, began)
    runID = RunRecord.newID(began)
    try Runner.prepare(output: output)
    lock = try RunLock(output: output, runID: runID)
  }

  /// Carries out a plan and leaves its record.
  ///
  /// - Parameters:
  ///   - arguments: the command as given.
  ///   - runner: makes what carries the plan out, told by the run's own log.
  ///   - ended: called with the report before the summary is written, which on a full disk may be what cannot
  ///     be; it gives what the process ends with, and what people should know of the pairs that were looked
  ///     for.
  ///   - reporting: writes what people read beside the summary, in the run's directory; called when the
  ///     summary is there.
  /// - Returns: what the process ends with.
  /// - Throws: what broke the run off; the record says so.
  public func carryOut(
    _ plan: Plan, hashes: ContentHashes, arguments: [String], scenes: [RecordedScene],
    leftOut: [RecordedEntry],
    runner: (_ runID: String, _ log: RunLog) -> Runner,
    ended: (RunReport) -> (code: ExitCode, pairing: String?),
    reporting: (_ runDirectory: URL) -> Void = { _ in }
  ) throws -> ExitCode {
    let record = try RunRecord(output: output, runID: runID, plan: plan, arguments: arguments, began: began)
    let runner = runner(runID, RunLog(record))
    do {
      let report = try runner.run(plan, ledger: Ledger(output: output, hashes: hashes))
      let (code, pairing) = ended(report)
      try record.finish(
        report, ending: code, scenes: scenes, leftOut: leftOut, pairing: pairing, reporting: reporting)
      if [.success, .partial].contains(report.exitCode) { Pruning.prune(below: output, keeping: plan) }
      return code
    } catch {
      record.breakOff(RunFailure(of: error, otherwise: runner.classify))
      reporting(record.directory)
      throw error
    }
  }
}
