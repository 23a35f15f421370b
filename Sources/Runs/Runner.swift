import Foundation
import Host
import Settings

/// An observer of a run's progress: the log, the progress bar.
public protocol RunObserver: AnyObject {
  /// A job begins; `position` counts from 1 among the `total` jobs that are to be done.
  func began(_ job: Job, position: Int, of total: Int, progress: JobProgress)
  /// A job has ended, or was found to have nothing to do.
  func ended(_ outcome: JobOutcome)
}

/// Carries out a plan: each job after those it depends on, what is up to date not at all.
///
/// A failure fails the job's dependants and nobody else.
public struct Runner {
  /// The output directory; the caller holds its ``RunLock``.
  public var output: URL
  /// The id of the run.
  public var runID: String
  /// The number of threads that a job may use.
  public var threads: Int
  /// The request to end.
  public var cancellation: Cancellation
  /// No job begins after this time.
  public var deadline: Date?
  /// Turns an error of an action into a failure; errors that are `ExitCoded` need none.
  public var classify: (any Error) -> RunFailure
  /// Looks at the jobs that are to be done before the first of them begins; what it throws ends the run.
  public var preflight: ([Job]) throws -> Void = { _ in }
  /// Returns the job that follows from all that this run and earlier ones have left, once the jobs of the
  /// plan have ended; nil where nothing follows.
  public var concluding: (Ledger) throws -> Job? = { _ in nil }
  /// The observers of the run.
  public var observers: [any RunObserver]
  /// Whether what other versions of terrane, its kernels or libraries made is made anew.
  public var refreshesVersions = false
  /// The executor that carries out the jobs.
  public var executor: any Executor = SerialExecutor()

  /// Creates a runner.
  public init(
    output: URL, runID: String, threads: Int, cancellation: Cancellation = Cancellation(),
    deadline: Date? = nil, classify: @escaping (any Error) -> RunFailure = RunFailure.init(classifying:),
    observers: [any RunObserver] = []
  ) {
    self.output = output
    self.runID = runID
    self.threads = threads
    self.cancellation = cancellation
    self.deadline = deadline
    self.classify = classify
    self.observers = observers
  }

  /// Makes an output directory with what every run needs in it.
  ///
  /// - Throws: `SystemError` where it cannot be made.
  public static func prepare(output: URL) throws(SystemError) {
    try DurableFiles.makeDirectory(output.appendingPathComponent("cache"))
  }

  /// Seconds of a time as pipeline files and `--deadline` write it (`90`, `30min`, `5h`); nil where it is
  /// none.
  public static func seconds(of text: String) -> Double? {
    Quantity.seconds(text)
  }

  /// Runs the jobs of `plan` that are not up to date.
  ///
  /// - Throws: `LedgerFailure` where the ledger cannot be read, `SystemError` where it cannot be written:
  ///   without it nothing that follows would count.
  public func run(_ plan: Plan, ledger: Ledger) throws -> RunReport {
    if let problem = ledger.problem { throw LedgerFailure.unusable(problem) }
    try ledger.tidy()
    JobLock.sweep(below: output)
    RunRecord.setAside(ledger.damaged, below: output)
    try ledger.forgetDamagedRuns()
    let runner = JobRunner(
      output: output, runID: runID, threads: threads, cancellation: cancellation, classify: classify,
      versions: plan.versions, ledger: ledger)
    // Where the deadline came before all inputs were read, or one changed meanwhile, not every key is known.
    let knowsKeys = !plan.jobs.contains { $0.refusal?.exitCode == .tryLater }
    let unswept = knowsKeys ? sweepUnfinished(plan, runner) : [:]
    let states = try ledger.states(of: plan.jobs, refreshing: refreshesVersions ? plan.versions : nil)
    let due = zip(plan.jobs, states).compactMap { job, state in
      if case .toDo = state { job } else { nil }
    }
    if !due.isEmpty, !cancellation.isCancelled { try preflight(due) }
    let running = RunningPlan(
      runner, deadline: deadline, observers: observers, unswept: unswept, due: due,
      refreshesVersions: refreshesVersions)
    for (job, state) in zip(plan.jobs, states) {
      guard let status = Self.settled(state) else { continue }
      let output = status == .upToDate ? ledger.entry(job: job.id, key: job.key)?.output : nil
      running.end(JobOutcome(job: job, status: status, seconds: 0, output: output))
    }
    try executor.carryOut(due, in: running)
    let outcomes = plan.jobs.map { job in
      running.outcome(of: job.id) ?? JobOutcome(job: job, status: .notReached, seconds: 0, output: nil)
    }
    if let last = plan.lastModel, running.outcome(of: last.id)?.output != nil {
      try last.linkAsLatest(below: output)
    }
    let conclusion = running.hasFilledDisk ? nil : try conclude(plan, runner, ledger)
    return RunReport(
      outcomes: outcomes, conclusion: conclusion,
      exitCode: exitCode(outcomes, conclusion, isFull: running.hasFilledDisk))
  }

  /// Carries out the job that follows from all others, where it has anything to do.
  private func conclude(_ plan: Plan, _ runner: JobRunner, _ ledger: Ledger) throws -> JobOutcome? {
    guard !cancellation.isCancelled, let job = try concluding(ledger) else { return nil }
    let state = try ledger.states(of: [job], refreshing: refreshesVersions ? plan.versions : nil)[0]
    guard case .toDo = state else { return nil }
    do { try DurableFiles.sweep(output.appendingPathComponent(job.directory)) } catch {
      return JobOutcome(job: job, status: .failed(runner.failure(error)), seconds: 0, output: nil)
    }
    return try runner.carryOut(job, inputs: [], progress: JobProgress())
  }

  /// Returns the end of a job that nobody has to carry out; nil for the others.
  private static func settled(_ state: JobState) -> JobOutcome.Status? {
    switch state {
    case .refused(let failure): failure == .unread ? .notReached : .failed(failure)
    case .upToDate, .notNeeded: .upToDate
    case .toDo: nil
    }
  }

  /// Removes what killed runs have left beside the jobs' places, of finished jobs too (a kill may come
  /// after the last rename), and what jobs have kept that are no longer planned under that key. Where another
  /// process is at a job, as the workers of a killed run may be, its place stays as it is.
  ///
  /// - Returns: by job, why its place cannot be swept; the job fails with that if there is anything to do.
  private func sweepUnfinished(_ plan: Plan, _ runner: JobRunner) -> [String: RunFailure] {
    let places = Dictionary(grouping: plan.jobs) {
      Publication(output: output, runID: runID, job: $0).workspace.deletingLastPathComponent()
    }
    var unswept: [String: RunFailure] = [:]
    for (place, jobs) in places where !jobs.contains(where: { JobLock.isHeld($0, below: output) }) {
      do { try DurableFiles.sweep(place) } catch {
        for job in jobs { unswept[job.id] = runner.failure(error) }
      }
    }
    sweepKept(plan)
    return unswept
  }

  private func sweepKept(_ plan: Plan) {
    let directory = output.appendingPathComponent(Job.unfinished)
    let planned = Set(plan.jobs.map { String($0.key.prefix(16)) })
    // What cannot be listed is only kept for longer.
    for name in (try? DurableFiles.names(in: directory)) ?? []
    where !planned.contains(name) {
      try? FileManager.default.removeItem(at: directory.appendingPathComponent(name))
    }
  }

  private func exitCode(_ outcomes: [JobOutcome], _ conclusion: JobOutcome?, isFull: Bool) -> ExitCode {
    if let signal = cancellation.signalNumber { return .signal(signal) }
    if isFull { return .inputOutput }
    let failures = outcomes.compactMap { outcome in
      if case .failed(let failure) = outcome.status { failure } else { nil }
    }
    if let first = failures.first { return RunReport.hasProducts(outcomes) ? .partial : first.exitCode }
    if case .failed(let failure) = conclusion?.status { return failure.exitCode }
    return outcomes.contains { $0.status == .notReached } ? .tryLater : .success
  }
}

extension ContinuousClock.Instant {
  /// Seconds from this moment until now.
  package var secondsSince: Double { ContinuousClock.now - self }
}

private func - (end: ContinuousClock.Instant, start: ContinuousClock.Instant) -> Double {
  let components = start.duration(to: end).components
  return Double(components.seconds) + Double(components.attoseconds) * 1e-18
}
