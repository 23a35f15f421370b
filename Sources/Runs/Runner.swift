import Foundation
import Host
import Settings

/// What wants to know how a run goes: the log, the progress bar.
public protocol RunObserver: AnyObject {
  /// A task begins; `position` counts from 1 among the `total` tasks that are to be done.
  func began(_ task: PlannedTask, position: Int, of total: Int, progress: TaskProgress)
  /// A task has ended, or was found to have nothing to do.
  func ended(_ outcome: TaskOutcome)
}

/// Carries out a plan: each task after those it depends on, what is up to date not at all.
///
/// A failure fails the task's dependants and nobody else. Tasks run one at a time, each with all threads.
public struct Runner {
  /// The output directory; the caller holds its ``RunLock``.
  public var output: URL
  /// The id of the run.
  public var runID: String
  /// How many threads a task may use.
  public var threads: Int
  /// The request to end.
  public var cancellation: Cancellation
  /// No task begins after this time.
  public var deadline: Date?
  /// Turns an error of an action into a failure; errors that are `ExitCoded` need none.
  public var classify: (any Error) -> TaskFailure
  /// Looks at the tasks that are to be done before the first of them begins; what it throws ends the run.
  public var preflight: ([PlannedTask]) throws -> Void = { _ in }
  /// Who is told.
  public var observers: [any RunObserver]
  /// Whether what other versions of terrane, its kernels or libraries made is made anew.
  public var refreshesVersions = false

  /// A runner.
  public init(
    output: URL, runID: String, threads: Int, cancellation: Cancellation = Cancellation(),
    deadline: Date? = nil, classify: @escaping (any Error) -> TaskFailure = TaskFailure.init(classifying:),
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
  /// - Throws: `TaskFailure`, exit 73, where it cannot be made.
  public static func prepare(output: URL) throws {
    try DurableFiles.makeDirectory(output.appendingPathComponent("cache"))
  }

  /// Seconds of a time as pipeline files and `--deadline` write it (`90`, `30min`, `5h`); nil where it is none.
  public static func seconds(of text: String) -> Double? {
    Quantity.seconds(text)
  }

  /// The space below which a failed write is taken for a full disk.
  private static let fullDiskBytes = 4 << 20

  /// Runs the tasks of `plan` that are not up to date.
  ///
  /// - Throws: `TaskFailure` where the ledger cannot be written: without it nothing that follows would count.
  public func run(_ plan: Plan, ledger: Ledger) throws -> RunReport {
    if let problem = ledger.problem { throw TaskFailure("\(problem)", exitCode: .cannotCreate) }
    try ledger.dropDamagedLines()
    RunRecord.setAside(ledger.damaged, below: output)
    // Where the deadline came before all inputs were read, or one changed meanwhile, not every key is known.
    let knowsKeys = !plan.tasks.contains { $0.refusal?.exitCode == .tryLater }
    let unswept = knowsKeys ? sweepUnfinished(plan) : [:]
    let standings = try ledger.standings(of: plan.tasks, refreshing: refreshesVersions ? plan.versions : nil)
    let due = zip(plan.tasks, standings).compactMap { task, standing in
      if case .toDo = standing { task } else { nil }
    }
    let total = due.count
    if total > 0, !cancellation.isCancelled { try preflight(due) }
    var outcomes: [TaskOutcome] = []
    var outputs: [String: TaskOutput] = [:]
    var unsuccessful: [String: TaskOutcome] = [:]
    var position = 0
    var isFull = false
    for (task, standing) in zip(plan.tasks, standings) {
      var outcome: TaskOutcome
      let blocker = task.dependencies.lazy.compactMap { unsuccessful[$0] }.first
      if let status = settled(standing, blocker: blocker, stops: isFull) {
        let output = status == .upToDate ? ledger.entry(task: task.id, key: task.key)?.output : nil
        outcome = TaskOutcome(task: task, status: status, seconds: 0, output: output)
      } else {
        position += 1
        let progress = TaskProgress()
        for observer in observers {
          observer.began(task, position: position, of: total, progress: progress)
        }
        outcome = try carryOut(
          task, inputs: task.dependencies.compactMap { outputs[$0] }, progress: progress, ledger: ledger,
          versions: plan.versions, unswept: unswept[task.id])
      }
      outputs[task.id] = outcome.output
      if !outcome.status.isSuccess { unsuccessful[task.id] = outcome }
      outcomes.append(outcome)
      for observer in observers { observer.ended(outcome) }
      isFull = isFull || hasFilledDisk(outcome.status)
    }
    try linkLatestModel(outcomes)
    return RunReport(outcomes: outcomes, exitCode: exitCode(outcomes, isFull: isFull))
  }

  /// `models/latest` names the last model of the chain, so that another pipeline file can start from it by a fixed path.
  private func linkLatestModel(_ outcomes: [TaskOutcome]) throws {
    guard let last = outcomes.last(where: { $0.task.placement == .models }), last.output != nil
    else { return }
    let directory = output.appendingPathComponent(last.task.directory)
    let link = directory.deletingLastPathComponent().appendingPathComponent("latest")
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link.path)
    if target != directory.lastPathComponent { try DurableFiles.link(link, to: directory.lastPathComponent) }
  }

  /// The end of a task that is not to be begun, nil for one that is.
  private func settled(_ standing: Standing, blocker: TaskOutcome?, stops: Bool) -> TaskOutcome.Status? {
    switch standing {
    case .refused(let failure): return failure == .unread ? .notReached : .failed(failure)
    case .upToDate, .notNeeded: return .upToDate
    case .toDo:
      if let blocker { return blocker.status == .notReached ? .notReached : .blocked(by: blocker.task.id) }
      let isLate = deadline.map { Date() >= $0 } ?? false
      return cancellation.isCancelled || stops || isLate ? .notReached : nil
    }
  }

  private func carryOut(
    _ task: PlannedTask, inputs: [TaskOutput], progress: TaskProgress, ledger: Ledger,
    versions: [String: String], unswept: TaskFailure?
  ) throws -> TaskOutcome {
    let start = ContinuousClock.now
    let publication = Publication(output: output, runID: runID, task: task)
    func outcome(_ status: TaskOutcome.Status, _ output: TaskOutput? = nil) -> TaskOutcome {
      TaskOutcome(task: task, status: status, seconds: start.secondsSince, output: output)
    }
    let result: TaskResult
    let files: [ProducedFile]
    do {
      if let unswept { throw unswept }
      try checkInputs(of: task, inputs, ledger)
      try publication.prepare()
      let context = TaskContext(
        of: task, directory: publication.workspace, output: output, unfinished: unfinishedWork(of: task),
        runID: runID, threads: threads, inputs: inputs, progress: progress, cancellation: cancellation)
      result = try task.action(context)
      try checkInputs(of: task, inputs, ledger)
      files = try publication.publish(ledger: ledger)
    } catch {
      publication.abandon()
      // Whatever a task throws after it was asked to end (a half-read file, say) is the asking's fault.
      if error is RunCancelled || cancellation.isCancelled { return outcome(.notReached) }
      do { try checkInputs(of: task, inputs, ledger) } catch {
        // A file that was replaced while it was read can look damaged, and nothing goes on from what was made
        // of it.
        try? FileManager.default.removeItem(at: unfinishedWork(of: task))
        return outcome(.failed(failure(error)))
      }
      return outcome(.failed(failure(error)))
    }
    let entry = Ledger.Entry(
      task: task.id, key: task.key, keyText: task.components.canonical, directory: task.directory,
      files: files,
      findings: result.findings, warnings: result.warnings, seconds: start.secondsSince, run: runID,
      versions: versions)
    try ledger.record(entry)
    publication.removeSuperseded(ledger: ledger)
    try? FileManager.default.removeItem(at: unfinishedWork(of: task))
    return outcome(.done, entry.output)
  }

  /// What a task reads is what it was when its key was made: files of others, and what earlier tasks have
  /// left.
  private func checkInputs(of task: PlannedTask, _ inputs: [TaskOutput], _ ledger: Ledger) throws {
    try task.checkInputs()
    for file in inputs.flatMap(\.files) {
      guard let fault = try ledger.fault(of: file) else { continue }
      throw TaskFailure(
        "\(output.appendingPathComponent(fault.path).path) \(fault.verb) since it was made; the next run makes it anew",
        exitCode: .inputOutput)
    }
  }

  /// Where a task keeps what is not finished; named by its key, so that other settings never go on from it.
  private func unfinishedWork(of task: PlannedTask) -> URL {
    output.appendingPathComponent("\(Self.unfinished)/\(task.key.prefix(16))")
  }

  private static let unfinished = "cache/unfinished"

  /// Removes what killed runs have left beside the tasks' places, of finished tasks too (a kill may come after the last
  /// rename), and what tasks have kept that are no longer planned under that key.
  ///
  /// - Returns: by task, why its place cannot be swept; the task fails with that if there is anything to do.
  private func sweepUnfinished(_ plan: Plan) -> [String: TaskFailure] {
    let places = Dictionary(grouping: plan.tasks) {
      Publication(output: output, runID: runID, task: $0).workspace.deletingLastPathComponent()
    }
    var unswept: [String: TaskFailure] = [:]
    for (place, tasks) in places {
      do { try DurableFiles.sweep(place) } catch { for task in tasks { unswept[task.id] = failure(error) } }
    }
    sweepKept(plan)
    return unswept
  }

  private func sweepKept(_ plan: Plan) {
    let directory = output.appendingPathComponent(Self.unfinished)
    let planned = Set(plan.tasks.map { String($0.key.prefix(16)) })
    // What cannot be listed is only kept for longer.
    for name in (try? DurableFiles.names(in: directory)) ?? []
    where !planned.contains(name) {
      try? FileManager.default.removeItem(at: directory.appendingPathComponent(name))
    }
  }

  private func failure(_ error: any Error) -> TaskFailure {
    if let failure = error as? TaskFailure { return failure }
    if let coded = error as? any ExitCoded { return TaskFailure("\(coded)", exitCode: coded.exitCode) }
    return classify(error)
  }

  private func hasFilledDisk(_ status: TaskOutcome.Status) -> Bool {
    guard case .failed(let failure) = status, failure.exitCode == .inputOutput,
      let available = DurableFiles.availableBytes(at: output)
    else { return false }
    return available < Self.fullDiskBytes
  }

  private func exitCode(_ outcomes: [TaskOutcome], isFull: Bool) -> ExitCode {
    if let signal = cancellation.signalNumber { return .signal(signal) }
    if isFull { return .inputOutput }
    let failures = outcomes.compactMap { outcome in
      if case .failed(let failure) = outcome.status { failure } else { nil }
    }
    if let first = failures.first { return RunReport.hasProducts(outcomes) ? .partial : first.exitCode }
    return outcomes.contains { $0.status == .notReached } ? .tryLater : .success
  }
}

extension TaskFailure {
  /// A failure for an error of no known kind: those of the system keep their reason, the rest is a bug of
  /// terrane.
  public init(classifying error: any Error) {
    if error is DecodingError {
      self.init("a stored record cannot be read: \(error.decodingProblem)", exitCode: .badData)
    } else if let system = error as? SystemError ?? SystemError(foundation: error) {
      self.init(system)
    } else {
      self.init("\(error)", exitCode: .bug)
    }
  }

  /// What the operating system refused, as a failure.
  public init(_ error: SystemError) {
    let code: ExitCode =
      switch error.kind {
      case .missing: .noInput
      case .refused: .badData
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      }
    self.init(error.description, exitCode: code)
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
