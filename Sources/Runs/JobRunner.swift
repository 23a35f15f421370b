import Foundation
import Settings

/// Carries out one job in this process: checks what it reads, gives it a workspace, publishes what it wrote
/// and records it.
public struct JobRunner {
  let output: URL
  let runID: String
  let threads: Int
  let cancellation: Cancellation
  /// Turns an error of an action into a failure; errors that are `ExitCoded` need none.
  let classify: (any Error) -> RunFailure
  /// Versions of terrane, its kernels and libraries, by name.
  let versions: [String: String]
  let ledger: Ledger

  /// Creates a runner of jobs below an output directory.
  public init(
    output: URL, runID: String, threads: Int, cancellation: Cancellation,
    classify: @escaping (any Error) -> RunFailure, versions: [String: String], ledger: Ledger
  ) {
    (self.output, self.runID, self.threads, self.cancellation) = (output, runID, threads, cancellation)
    (self.classify, self.versions, self.ledger) = (classify, versions, ledger)
  }

  /// Carries out a job that nobody else is at.
  ///
  /// - Parameter inputs: what the jobs that it depends on have left.
  /// - Throws: `SystemError` where the ledger cannot be written: without it nothing that follows would count.
  public func carryOut(_ job: Job, inputs: [JobOutput], progress: JobProgress) throws
    -> JobOutcome
  {
    let start = ContinuousClock.now
    let publication = Publication(output: output, runID: runID, job: job)
    func outcome(_ status: JobOutcome.Status, _ output: JobOutput? = nil) -> JobOutcome {
      JobOutcome(job: job, status: status, seconds: start.secondsSince, output: output)
    }
    let result: JobResult
    let files: [ProducedFile]
    let lock: JobLock
    do {
      lock = try JobLock(job, below: output)
      // Another process may have recorded the job since the ledger was read: what it wrote is not lost.
      try ledger.reload(job)
      try checkInputs(of: job, inputs)
      try publication.prepare()
      let context = JobContext(
        of: job, directory: publication.workspace, output: output,
        unfinished: job.unfinishedWork(below: output), runID: runID, threads: threads, inputs: inputs,
        progress: progress, cancellation: cancellation)
      result = try job.action(context)
      try checkInputs(of: job, inputs)
      files = try publication.publish(ledger: ledger)
    } catch {
      publication.abandon()
      // What a job throws after it was asked to end (a half-read file, say) follows from the request.
      if error is RunCancelled || cancellation.isCancelled { return outcome(.notReached) }
      do { try checkInputs(of: job, inputs) } catch {
        // A file that was replaced while it was read can look damaged, and nothing goes on from what was made
        // of it.
        try? FileManager.default.removeItem(at: job.unfinishedWork(below: output))
        return outcome(.failed(failure(error)))
      }
      return outcome(.failed(failure(error)))
    }
    defer { withExtendedLifetime(lock) {} }
    let entry = Ledger.Entry(
      job: job.id, key: job.key, keyText: job.components.canonical, directory: job.directory,
      files: files, findings: result.findings, warnings: result.warnings, seconds: start.secondsSince,
      threads: threads, megapixels: job.megapixels.flatMap { try? $0() }, run: runID, versions: versions)
    try ledger.record(entry)
    publication.removeSuperseded(ledger: ledger)
    try? FileManager.default.removeItem(at: job.unfinishedWork(below: output))
    return outcome(.done, entry.output)
  }

  /// Makes a part of a job's preparation, which it leaves among the job's unfinished work.
  ///
  /// - Parameter inputs: what the jobs that the job depends on have left.
  /// - Returns: a status of `done` where the part is made; the job itself is not.
  func prepare(_ part: Int, of job: Job, inputs: [JobOutput]) throws -> JobOutcome {
    let start = ContinuousClock.now
    func outcome(_ status: JobOutcome.Status) -> JobOutcome {
      JobOutcome(job: job, status: status, seconds: start.secondsSince, output: nil)
    }
    guard let preparation = job.preparation else { preconditionFailure("\(job.id) has no parts") }
    let unfinished = job.unfinishedWork(below: output)
    do {
      let lock = try JobLock("\(job.id)#\(part)", below: output)
      defer { withExtendedLifetime(lock) {} }
      try checkInputs(of: job, inputs)
      try DurableFiles.makeDirectory(unfinished)
      let context = JobContext(
        of: job, directory: unfinished, output: output, unfinished: unfinished, runID: runID,
        threads: threads,
        inputs: inputs, progress: JobProgress(), cancellation: cancellation)
      try preparation.make(context, part)
      try checkInputs(of: job, inputs)
      return outcome(.done)
    } catch {
      if error is RunCancelled || cancellation.isCancelled { return outcome(.notReached) }
      return outcome(.failed(failure(error)))
    }
  }

  /// Checks that everything a job reads is what it was when its key was made: files of others, and what
  /// earlier jobs have left.
  private func checkInputs(of job: Job, _ inputs: [JobOutput]) throws {
    try job.checkInputs()
    for file in inputs.flatMap(\.files) {
      guard let fault = try ledger.fault(of: file) else { continue }
      throw OutputFailure.fault(output.appendingPathComponent(fault.path).path, fault.kind)
    }
  }

  /// Returns the failure that an error of a job is.
  func failure(_ error: any Error) -> RunFailure { RunFailure(of: error, otherwise: classify) }
}

extension Job {
  /// The directory of unfinished work of jobs, relative to the output directory.
  static let unfinished = "cache/unfinished"

  /// Returns the directory of the job's unfinished work; it is named by the key, so that other settings
  /// never go on from it.
  func unfinishedWork(below output: URL) -> URL {
    output.appendingPathComponent("\(Self.unfinished)/\(key.prefix(16))")
  }
}
