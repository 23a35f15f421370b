import Foundation
import Runs

/// Has the jobs of a plan carried out by a Slurm cluster, as arrays of shards.
///
/// Whether a job is done is told by the ledger, and why it is not by what a worker has left; the cluster is
/// asked only whether anybody is still at it. What nobody is at and nobody has recorded is submitted again.
public final class SlurmExecutor: Executor {
  /// A job that was submitted so often without leaving a word has failed.
  private static let mostSubmissions = 4
  /// The same for one whose workers were ended while they were at it, or came before its turn.
  private static let mostBeginnings = 50
  /// Seconds between two looks at the cluster, at first and where nothing has happened for long.
  private let shortPause, longPause: Double
  /// Seconds between two lines that say how far the work is.
  private static let lineInterval = 60.0

  private let settings: SlurmSettings
  private let command: any SlurmPrograms
  private let worker: WorkerCommandLine
  private let output: URL
  private let run: String
  /// How long a job is expected to take; nil where nobody knows.
  public var seconds: (Job) -> Double? = { _ in nil }
  private let say: (String) -> Void

  /// Jobs whose end is not known, by id.
  private var waiting: [String: Job] = [:]
  private var submitted: [SubmittedWave] = []
  private var unsent: [UnsentWave] = []
  /// How often each job was handed to the cluster, and how often it may be.
  private var submissions: [String: Int] = [:]
  private var allowed: [String: Int] = [:]
  /// Jobs that the last look found nobody at.
  private var missing: Set<String> = []
  private var lastLine = Date.distantPast
  private var number = 0

  private struct SubmittedWave {
    let submission: Submission
    let number: String
  }

  private struct UnsentWave {
    let submission: Submission
    /// The names of the waves that it waits for.
    let after: [String]
  }

  /// Creates an executor of one run.
  ///
  /// - Parameters:
  ///   - worker: the command by which an element is carried out.
  ///   - say: shows a line on how far the work is.
  public convenience init(
    _ settings: SlurmSettings, worker: WorkerCommandLine, output: URL, run: String,
    say: @escaping (String) -> Void
  ) {
    self.init(
      settings, worker: worker, output: output, run: run, say: say, asking: SlurmCommand(),
      pauses: 1...15)
  }

  /// Creates an executor that asks `command`, with pauses between two looks from short to long.
  package init(
    _ settings: SlurmSettings, worker: WorkerCommandLine, output: URL, run: String,
    say: @escaping (String) -> Void, asking command: any SlurmPrograms,
    pauses: ClosedRange<Double>
  ) {
    (self.settings, self.worker, self.output, self.run) = (settings, worker, output, run)
    (self.say, self.command) = (say, command)
    (shortPause, longPause) = (pauses.lowerBound, pauses.upperBound)
  }

  /// Waits until no element of an earlier run, whose coordinator was killed, is at work or waits for its
  /// turn.
  ///
  /// - Throws: `RunCancelled` where the run is asked to end meanwhile.
  public func awaitEarlier(_ cancellation: Cancellation) throws {
    Submission.sweep(below: output)
    let names = Submission.names(below: output)
    var pause = shortPause
    var told = false
    while !names.isEmpty {
      if let queue = try? SlurmQueue(named: names, by: command) {
        guard !queue.active.isEmpty else { return }
        if !told {
          say("\(queue.active.count) elements of an earlier run are not over; this one begins after them")
        }
        told = true
      }
      Self.sleep(pause, until: { cancellation.isCancelled })
      if cancellation.isCancelled { throw RunCancelled() }
      pause = min(pause * 1.5, longPause)
    }
  }

  /// Submits the jobs and waits until each has ended.
  public func carryOut(_ due: [Job], in run: RunningPlan) throws {
    waiting = Dictionary(uniqueKeysWithValues: due.map { ($0.id, $0) })
    defer { OutcomeFiles(in: directory).forget() }
    try submit(due)
    var pause = shortPause
    while !waiting.isEmpty {
      let before = waiting.count
      try send()
      if run.mustEnd {
        cancel(isAtOnce: run.isAskedToEnd)
        return
      }
      let queue = try? SlurmQueue(named: submitted.map(\.submission.name), by: command)
      try collect(in: run, order: due)
      if let queue { try submitMissing(queue, of: due, in: run) }
      tell(queue, of: due.count)
      pause = waiting.count < before ? shortPause : min(pause * 1.3, longPause)
      if !waiting.isEmpty { Self.sleep(pause, until: { run.mustEnd }) }
    }
  }

  private var directory: URL { Submission.directory(below: output).appendingPathComponent(run) }

  // MARK: - Submitting

  /// Puts jobs into arrays, which are sent when those before them have been.
  private func submit(_ jobs: [Job]) throws {
    let plan = ShardPlan(
      jobs, shardSeconds: settings.shard, largestArray: SlurmLimits(command).largestArray, seconds: seconds)
    var names: [String] = []
    for wave in plan.waves {
      number += 1
      let word = String(wave.word.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" })
      let submission = Submission(
        name: "terrane-\(run)-\(number)-\(word)", shards: wave.shards, run: run, output: output)
      names.append(submission.name)
      try submission.write()
      unsent.append(UnsentWave(submission: submission, after: wave.after.map { names[$0] }))
      for job in wave.shards.flatMap(\.jobs) where wave.shards[0].part == nil {
        submissions[job.id, default: 0] += 1
      }
    }
  }

  /// Sends what can be sent, in order; where the controller does not answer the rest stays for the next time.
  private func send() throws {
    while let wave = unsent.first {
      let numbers = submitted.filter { wave.after.contains($0.submission.name) }.map(\.number)
      do throws(SlurmFailure) {
        var number = try known(wave.submission)
        if number == nil { number = try send(wave.submission, after: numbers) }
        submitted.append(SubmittedWave(submission: wave.submission, number: number!))
        unsent.removeFirst()
      } catch {
        guard error.isPassing else { throw error }
        return
      }
    }
  }

  /// Returns the number of a submission that the cluster has got although it did not say so.
  private func known(_ submission: Submission) throws(SlurmFailure) -> String? {
    guard wasRefusedAnAnswer else { return nil }
    let queue = try SlurmQueue(named: [submission.name], by: command)
    wasRefusedAnAnswer = false
    return queue.elements.first { $0.name == submission.name }?.job
  }

  /// Whether the last call to submit got no answer: what it was about may have arrived all the same.
  private var wasRefusedAnAnswer = false

  private func send(_ submission: Submission, after numbers: [String]) throws(SlurmFailure) -> String {
    wasRefusedAnAnswer = true
    var arguments = [
      "--parsable", "--job-name=\(submission.name)", "--array=0-\(submission.shards.count - 1)",
      "--output=\(submission.directory.path)/\(submission.name)-%a.log", "--open-mode=append", "--requeue",
      "--chdir=\(output.path)",
    ]
    if !numbers.isEmpty { arguments.append("--dependency=afterany:\(numbers.joined(separator: ":"))") }
    // Parts of a preparation go side by side already.
    let shares = submission.shards.contains { $0.part == nil && $0.jobs[0].takesAllThreads }
    let ranks = shares ? settings.ranks : 1
    arguments += settings.arguments(ranks: ranks)
    let script = worker.script(shards: submission.file, outcomes: directory, ranks: ranks)
    arguments.append("--wrap=\(script)")
    let result = try command.call("sbatch", arguments)
    guard result.status == 0, let number = result.output.split(whereSeparator: { !$0.isNumber }).first else {
      throw .refused(result.error)
    }
    wasRefusedAnAnswer = false
    return String(number)
  }

  /// Submits again what is to be done, what nobody has recorded and nobody is at, at two looks in a row.
  private func submitMissing(_ queue: SlurmQueue, of due: [Job], in run: RunningPlan) throws {
    var inFlight = Set(unsent.flatMap(\.submission.shards).flatMap(\.jobs).map(\.id))
    let byName = Dictionary(uniqueKeysWithValues: submitted.map { ($0.submission.name, $0.submission) })
    for element in queue.active {
      guard let shards = byName[element.name]?.shards else { continue }
      let own = element.index.map { shards.indices.contains($0) ? [shards[$0]] : [] } ?? shards
      inFlight.formUnion(own.flatMap(\.jobs).map(\.id))
    }
    // What builds on idle jobs goes along with them, behind them.
    var idle: [Job] = []
    var idleIDs: Set<String> = []
    for job in due where waiting[job.id] != nil && !inFlight.contains(job.id) {
      guard job.dependencies.allSatisfy({ waiting[$0] == nil || idleIDs.contains($0) }) else { continue }
      idle.append(job)
      idleIDs.insert(job.id)
    }
    let again = idle.filter { missing.contains($0.id) }
    missing = Set(idle.map(\.id)).subtracting(again.map(\.id))
    // In the order of the plan: what builds on a job that is given up is blocked, not lost as well.
    for job in again where run.forbidden(job) == nil {
      let tries = submissions[job.id, default: 0]
      guard tries >= allowed[job.id, default: Self.mostSubmissions] else { continue }
      end(job, JobOutcome(job: job, failure: RunFailure(lost(job))), in: run)
    }
    let jobs = again.filter { waiting[$0.id] != nil && run.forbidden($0) == nil }
    guard !jobs.isEmpty else { return }
    say("\(jobs.count) jobs were given up by those that were at them, and are submitted again")
    try submit(jobs)
  }

  // MARK: - Collecting

  /// Takes note of what workers have recorded, and of what that means for others.
  private func collect(in run: RunningPlan, order: [Job]) throws {
    let files = OutcomeFiles(in: directory)
    for (job, outcome) in files.read() where waiting[job]?.key == outcome.key {
      try take(outcome, of: waiting[job]!, files, in: run)
    }
    for job in order where waiting[job.id] != nil {
      if case .blocked(let other)? = run.forbidden(job) {
        end(job, JobOutcome(job: job, status: .blocked(by: other), seconds: 0, output: nil), in: run)
      } else if missing.contains(job.id), let done = try run.recorded(job, seconds: nil) {
        end(job, done, in: run)
      }
    }
  }

  private func take(
    _ outcome: OutcomeFiles.Outcome, of job: Job, _ files: OutcomeFiles, in run: RunningPlan
  ) throws {
    if outcome.isDone {
      guard let done = try run.recorded(job, seconds: outcome.seconds) else { return }
      return end(job, done, in: run)
    }
    // What another time may mend is done again, once nobody is at it any more.
    let code = outcome.failure?.exitCode
    let tries = submissions[job.id, default: 0]
    if code == nil || code == .tryLater, tries < Self.mostBeginnings {
      allowed[job.id] = max(tries + 1, Self.mostSubmissions)
      return files.forget(job)
    }
    if code == .inputOutput, tries < Self.mostSubmissions { return files.forget(job) }
    end(job, JobOutcome(job: job, failure: outcome.failure ?? RunFailure(lost(job))), in: run)
  }

  private func lost(_ job: Job) -> SlurmFailure {
    let last = submitted.last { wave in
      wave.submission.shards.contains { $0.jobs.contains { $0.id == job.id } }
    }
    return .lost(
      submissions: submissions[job.id] ?? 0,
      log: last.map { "\($0.submission.directory.path)/\($0.submission.name)-*.log" } ?? directory.path)
  }

  private func end(_ job: Job, _ outcome: JobOutcome, in run: RunningPlan) {
    waiting[job.id] = nil
    missing.remove(job.id)
    run.end(outcome)
  }

  /// Takes back what the cluster has not begun, and where the run is to end at once what it has.
  private func cancel(isAtOnce: Bool) {
    for wave in submitted {
      let state = isAtOnce ? [] : ["--state=PENDING"]
      _ = try? command.call("scancel", state + ["--name=\(wave.submission.name)"])
    }
  }

  private func tell(_ queue: SlurmQueue?, of total: Int) {
    guard Date().timeIntervalSince(lastLine) >= Self.lineInterval else { return }
    lastLine = Date()
    let done = "\(total - waiting.count) of \(total) jobs have ended"
    guard let queue else { return say("\(done); the controller does not answer") }
    let running = queue.active.count(where: \.isRunning)
    say("\(done); \(running) elements are at work, \(queue.active.count - running) wait")
  }

  private static func sleep(_ seconds: Double, until isOver: () -> Bool) {
    let end = Date() + seconds
    while Date() < end, !isOver() { usleep(100_000) }
  }
}

extension SlurmFailure {
  /// Whether it may be gone in a minute: the controller is away, or has as many jobs as it takes.
  fileprivate var isPassing: Bool {
    switch self {
    case .noAnswer: true
    case .refused(let words):
      ["contact", "timed out", "temporar", "Limit", "limit", "onnection", "busy"].contains {
        words.contains($0)
      }
    case .notInstalled, .isQueued, .lost: false
    }
  }
}
