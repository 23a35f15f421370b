import Foundation

/// Carries out jobs of a plan that are to be done: here one after the other, on a cluster many at once.
public protocol Executor {
  /// Carries out jobs, each after those it depends on, and tells `run` how each ended.
  ///
  /// - Parameter due: the jobs, in the order of the plan.
  /// - Throws: `SystemError` where the ledger cannot be written.
  func carryOut(_ due: [Job], in run: RunningPlan) throws
}

/// Carries out one job at a time in this process, each with all threads.
public struct SerialExecutor: Executor {
  /// Creates an executor; it has no state.
  public init() {}

  /// Carries out the jobs in their order.
  public func carryOut(_ due: [Job], in run: RunningPlan) throws {
    for job in due { try run.carryOutHere(job) }
  }
}

/// A plan on its way through an executor: what has ended, what that means for the others, and who is told.
public final class RunningPlan {
  private let runner: JobRunner
  private let deadline: Date?
  private let observers: [any RunObserver]
  /// The failures of jobs whose place cannot be swept, by job; the job fails with it.
  private let unswept: [String: RunFailure]
  /// The number of jobs that are to be done.
  private let total: Int
  /// What the ledger held of them as the run began, whose files or versions are the reason why they are.
  private let earlier: [String: Ledger.Entry]
  private let refreshesVersions: Bool
  private var position = 0
  private var isFull = false
  private var outcomes: [String: JobOutcome] = [:]

  /// The space below which a failed write is taken for a full disk.
  private static let fullDiskBytes = 4 << 20

  init(
    _ runner: JobRunner, deadline: Date?, observers: [any RunObserver], unswept: [String: RunFailure],
    due: [Job], refreshesVersions: Bool
  ) {
    (self.runner, self.deadline, self.observers) = (runner, deadline, observers)
    (self.unswept, self.total, self.refreshesVersions) = (unswept, due.count, refreshesVersions)
    earlier = Dictionary(
      uniqueKeysWithValues: due.compactMap { job in
        runner.ledger.entry(job: job.id, key: job.key).map { (job.id, $0) }
      })
  }

  /// Whether a job failed because the disk is full.
  var hasFilledDisk: Bool { isFull }

  /// Returns the outcome of a job; nil while it has not ended.
  func outcome(of job: String) -> JobOutcome? { outcomes[job] }

  /// Whether no job is to be begun any more, and what is being done elsewhere is not waited for: the run was
  /// asked to end, its deadline has come or the disk is full.
  public var mustEnd: Bool { isAskedToEnd || isFull || isLate }
  /// Whether a signal has asked the run to end.
  public var isAskedToEnd: Bool { runner.cancellation.isCancelled }

  private var isLate: Bool { deadline.map { Date() >= $0 } ?? false }

  /// Returns the end of a job that another process has recorded as done; nil where none has since the run
  /// began, or, while versions are refreshed, none of these versions.
  ///
  /// - Parameter seconds: how long it took, as that process says, which has looked at the job's files; nil
  ///   where none has said anything.
  /// - Throws: `SystemError` where its record cannot be read.
  public func recorded(_ job: Job, seconds: Double?) throws -> JobOutcome? {
    try runner.ledger.reload(job)
    guard let entry = runner.ledger.entry(job: job.id, key: job.key),
      seconds != nil || entry.run != earlier[job.id]?.run,
      !refreshesVersions || entry.versions == runner.versions
    else { return nil }
    return JobOutcome(job: job, status: .done, seconds: seconds ?? entry.seconds, output: entry.output)
  }

  /// Carries out a job in this process, unless what came before forbids it.
  ///
  /// - Throws: `SystemError` where the ledger cannot be written.
  public func carryOutHere(_ job: Job) throws {
    if let status = forbidden(job) {
      return end(JobOutcome(job: job, status: status, seconds: 0, output: nil))
    }
    let progress = JobProgress()
    position += 1
    for observer in observers { observer.began(job, position: position, of: total, progress: progress) }
    if let failure = unswept[job.id] {
      return end(JobOutcome(job: job, status: .failed(failure), seconds: 0, output: nil))
    }
    let inputs = job.dependencies.compactMap { outcomes[$0]?.output }
    end(try runner.carryOut(job, inputs: inputs, progress: progress))
  }

  /// Returns the end of a job that is not to be begun; nil for one that is.
  public func forbidden(_ job: Job) -> JobOutcome.Status? {
    let blocker = job.dependencies.lazy.compactMap { self.outcomes[$0] }.first { !$0.status.isSuccess }
    if let blocker { return blocker.status == .notReached ? .notReached : .blocked(by: blocker.job.id) }
    return mustEnd ? .notReached : nil
  }

  /// Takes note of how a job ended, and tells it.
  public func end(_ outcome: JobOutcome) {
    outcomes[outcome.job.id] = outcome
    isFull = isFull || fillsDisk(outcome.status)
    for observer in observers { observer.ended(outcome) }
  }

  private func fillsDisk(_ status: JobOutcome.Status) -> Bool {
    guard case .failed(let failure) = status, failure.exitCode == .inputOutput,
      let available = DurableFiles.availableBytes(at: runner.output)
    else { return false }
    return available < Self.fullDiskBytes
  }
}
