import Foundation

/// Carries out some jobs of a plan for a run elsewhere, which holds the lock of the output directory.
///
/// A plan is a function of the pipeline file and the inputs, so a worker plans again and is told ids and keys
/// only. It needs no record of its own: what it has done stands in the ledger.
public struct Worker {
  /// The name of a job for another process.
  public struct Address: Sendable, Hashable {
    /// The job's id.
    public let id: String
    /// The first digits of its key, at least 16; nil where any will do.
    public let key: String?

    /// Reads `inference:t0` or `inference:t0@0123456789abcdef`.
    public init(_ text: String) {
      let digits = text.lastIndex(of: "@").map { text[text.index(after: $0)...] } ?? ""
      if (16...64).contains(digits.count), digits.allSatisfy(\.isHexDigit) {
        (id, key) = (String(text.dropLast(digits.count + 1)), String(digits).lowercased())
      } else {
        (id, key) = (text, nil)
      }
    }
  }

  private let runner: JobRunner

  /// Creates a worker with the means of a run.
  public init(_ runner: JobRunner) { self.runner = runner }

  /// Carries out jobs in the order of the plan.
  ///
  /// - Parameter ended: called for each job with how it ended.
  /// - Returns: what the process ends with: 0 where all are done, 3 where some failed, else the code of the
  ///   first failure.
  /// - Throws: `WorkerFailure` for a job that is not planned; `LedgerFailure` where the ledger cannot be
  ///   read, `SystemError` where it cannot be written.
  public func carryOut(_ addresses: [Address], of plan: Plan, ended: (JobOutcome) -> Void) throws -> ExitCode
  {
    if let problem = runner.ledger.problem { throw LedgerFailure.unusable(problem) }
    let planned = Set(plan.jobs.map(\.id))
    for address in addresses where !planned.contains(address.id) {
      throw WorkerFailure.notPlanned(address.id, pipeline: plan.pipeline.url.path)
    }
    let wanted = Dictionary(addresses.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let states = try runner.ledger.states(of: plan.jobs)
    let jobs = Dictionary(uniqueKeysWithValues: plan.jobs.map { ($0.id, $0) })
    var failures: [RunFailure] = []
    var successes = 0
    for (job, state) in zip(plan.jobs, states) {
      guard let address = wanted[job.id] else { continue }
      let outcome = try carryOut(job, at: address, state, jobs)
      if case .failed(let failure) = outcome.status { failures.append(failure) }
      if outcome.status.isSuccess { successes += 1 }
      if outcome.output != nil, job.id == plan.lastModel?.id { try job.linkAsLatest(below: runner.output) }
      ended(outcome)
    }
    if let signal = runner.cancellation.signalNumber { return .signal(signal) }
    guard let first = failures.first else { return successes == wanted.count ? .success : .tryLater }
    return successes > 0 ? .partial : first.exitCode
  }

  private func carryOut(
    _ job: Job, at address: Address, _ state: JobState, _ jobs: [String: Job]
  ) throws -> JobOutcome {
    func ended(_ status: JobOutcome.Status, _ output: JobOutput? = nil) -> JobOutcome {
      JobOutcome(job: job, status: status, seconds: 0, output: output)
    }
    func refused(_ failure: WorkerFailure) -> JobOutcome { ended(.failed(RunFailure(failure))) }
    if let key = address.key, !job.key.hasPrefix(key) {
      return refused(.otherKey(own: job.key, told: key))
    }
    switch state {
    case .refused(let failure): return ended(.failed(failure))
    case .upToDate, .notNeeded:
      return ended(.upToDate, runner.ledger.entry(job: job.id, key: job.key)?.output)
    case .toDo: break
    }
    if runner.cancellation.isCancelled { return ended(.notReached) }
    var inputs: [JobOutput] = []
    for dependency in job.dependencies.compactMap({ jobs[$0] }) {
      try runner.ledger.reload(dependency)
      guard let entry = runner.ledger.entry(job: dependency.id, key: dependency.key) else {
        return refused(.tooEarly(dependency: dependency.id))
      }
      inputs.append(entry.output)
    }
    return try runner.carryOut(job, inputs: inputs, progress: JobProgress())
  }
}
