import Foundation
import Numerics

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
    /// The part of its preparation, from 0; nil for the job itself.
    public let part: Int?

    /// Reads `inference:t0`, `inference:t0@0123456789abcdef` or, with a part of its preparation,
    /// `evaluate:evaluate@0123456789abcdef#3`.
    public init(_ text: String) {
      let behind = text.lastIndex(of: "@").map { text[text.index(after: $0)...] } ?? ""
      let (digits, number) = (behind.prefix { $0 != "#" }, behind.drop { $0 != "#" }.dropFirst())
      let hasNumber = behind.count > digits.count
      if (16...64).contains(digits.count), digits.allSatisfy(\.isHexDigit), !hasNumber || Int(number) != nil {
        (id, key) = (String(text.dropLast(behind.count + 1)), String(digits).lowercased())
        part = Int(number)
      } else {
        (id, key, part) = (text, nil, nil)
      }
    }

    /// Creates the name of a job of this plan, or of a part of its preparation.
    package init(_ job: Job, part: Int? = nil) { (id, key, self.part) = (job.id, job.key, part) }

    /// The text that reads back as this name.
    public var text: String { id + (key.map { "@\($0)" } ?? "") + (part.map { "#\($0)" } ?? "") }
  }

  private let runner: JobRunner
  /// The processes that share the worker's trainings; this is the first of them.
  private let ranks: any Ranks
  private let refreshesVersions: Bool

  /// Creates a worker with the means of a run.
  ///
  /// - Parameter refreshesVersions: whether what other versions of terrane, its kernels or libraries made is
  ///   made anew.
  public init(_ runner: JobRunner, ranks: any Ranks = SingleRank(), refreshesVersions: Bool = false) {
    (self.runner, self.ranks, self.refreshesVersions) = (runner, ranks, refreshesVersions)
  }

  /// Carries out jobs in the order of the plan.
  ///
  /// - Parameters:
  ///   - progress: gives the progress that a job reports; called as it begins.
  ///   - refused: called for each job that was told by its key and that is none of this plan's: its scene was
  ///     removed or delivered anew since. The others are carried out all the same.
  ///   - ended: called for each other job with how it ended.
  /// - Returns: what the process ends with: 0 where all are done, 3 where some failed, else the code of the
  ///   first failure.
  /// - Throws: `WorkerFailure` for a job that was told by its id alone and is not planned; `LedgerFailure`
  ///   where the ledger cannot be read, `SystemError` where it cannot be written.
  public func carryOut(
    _ addresses: [Address], of plan: Plan, progress: (Job) -> JobProgress = { _ in JobProgress() },
    refused: (Address, WorkerFailure) throws -> Void, ended: (JobOutcome) throws -> Void
  ) throws -> ExitCode {
    if let problem = runner.ledger.problem { throw LedgerFailure.unusable(problem) }
    let jobs = Dictionary(uniqueKeysWithValues: plan.jobs.map { ($0.id, $0) })
    let wanted = Dictionary(addresses.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var failures: [RunFailure] = []
    for address in addresses {
      guard let failure = Self.refusal(of: address, by: jobs[address.id], pipeline: plan.pipeline) else {
        continue
      }
      guard address.key != nil else { throw failure }
      failures.append(RunFailure(failure))
      try refused(address, failure)
    }
    let states = try runner.ledger.states(
      of: plan.jobs, refreshing: refreshesVersions ? plan.versions : nil)
    var successes = 0
    for (job, state) in zip(plan.jobs, states) {
      guard let address = wanted[job.id] else { continue }
      var isShared = false
      guard Self.refusal(of: address, by: job, pipeline: plan.pipeline) == nil else {
        HelpingHands.callOff(ranks, for: job)
        continue
      }
      let outcome = try carryOut(job, at: address, state, jobs) { job in
        isShared = true
        HelpingHands.call(ranks, for: job)
        return progress(job)
      }
      if !isShared { HelpingHands.callOff(ranks, for: job) }
      if case .failed(let failure) = outcome.status { failures.append(failure) }
      if outcome.status.isSuccess { successes += 1 }
      if outcome.output != nil, job.id == plan.lastModel?.id { try job.linkAsLatest(below: runner.output) }
      try ended(outcome)
      // The others may be in the middle of what this process has given up.
      if !ranks.isAlone, case .failed(let failure) = outcome.status {
        ranks.abort(code: failure.exitCode.rawValue)
      }
    }
    if let signal = runner.cancellation.signalNumber { return .signal(signal) }
    guard let first = failures.first else { return successes == wanted.count ? .success : .tryLater }
    return successes > 0 ? .partial : first.exitCode
  }

  /// Returns why an address names no job of this plan; nil where it does.
  private static func refusal(of address: Address, by job: Job?, pipeline: PlannedPipeline) -> WorkerFailure?
  {
    guard let job else {
      return address.key == nil
        ? .notPlanned(address.id, pipeline: pipeline.url.path) : .noLongerPlanned(address.id)
    }
    guard let key = address.key, !job.key.hasPrefix(key) else { return nil }
    return .otherKey(own: job.key, told: key)
  }

  private func carryOut(
    _ job: Job, at address: Address, _ state: JobState, _ jobs: [String: Job],
    _ progress: (Job) -> JobProgress
  ) throws -> JobOutcome {
    func ended(_ status: JobOutcome.Status, _ output: JobOutput? = nil) -> JobOutcome {
      JobOutcome(job: job, status: status, seconds: 0, output: output)
    }
    func refused(_ failure: WorkerFailure) -> JobOutcome { ended(.failed(RunFailure(failure))) }
    switch state {
    case .refused(let failure): return ended(.failed(failure))
    case .upToDate, .notNeeded:
      return ended(.upToDate, runner.ledger.entry(job: job.id, key: job.key)?.output)
    case .toDo: break
    }
    if let part = address.part, !(0..<(job.preparation?.parts ?? 0)).contains(part) {
      return refused(.noPart(part, job: job.id))
    }
    if runner.cancellation.isCancelled { return ended(.notReached) }
    var inputs: [JobOutput] = []
    for dependency in job.dependencies.compactMap({ jobs[$0] }) {
      try runner.ledger.reload(dependency)
      // What another version made, and was to be made anew before, is not built on.
      guard let entry = runner.ledger.entry(job: dependency.id, key: dependency.key),
        !refreshesVersions || entry.versions == runner.versions
      else {
        return refused(.tooEarly(dependency: dependency.id))
      }
      inputs.append(entry.output)
    }
    if let part = address.part { return try runner.prepare(part, of: job, inputs: inputs) }
    return try runner.carryOut(job, inputs: inputs, progress: progress(job))
  }
}
