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
  /// Seconds for which the controller may be away, or take no job, before the run is broken off.
  private static let patience = 7200.0

  private let settings: SlurmSettings
  private let controller: SlurmController
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
  /// Jobs whose last elements have left a word, but did not do them.
  private var answered: Set<String> = []
  /// Why Slurm never begins the last elements of some jobs, by job.
  private var hindrances: [String: String] = [:]
  private var lastLine = Date.distantPast
  private var number = 0

  private struct SubmittedWave {
    let submission: Submission
    let number: String
  }

  private struct UnsentWave {
    let submission: Submission
    let word: String
    /// The names of the waves that it waits for.
    var after: [String]
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
      pauses: 1...15, patience: Self.patience)
  }

  /// Creates an executor that asks `command`, with pauses between two looks from short to long, and bears
  /// with what may pass for `patience` seconds.
  package init(
    _ settings: SlurmSettings, worker: WorkerCommandLine, output: URL, run: String,
    say: @escaping (String) -> Void, asking command: any SlurmPrograms,
    pauses: ClosedRange<Double>, patience: Double
  ) {
    (self.settings, self.worker, self.output, self.run) = (settings, worker, output, run)
    self.say = say
    controller = SlurmController(command, patience: patience, say: say)
    (shortPause, longPause) = (pauses.lowerBound, pauses.upperBound)
  }

  /// Waits until no element of an earlier run, whose coordinator was killed, is at work or waits for its
  /// turn; then its files of shards go.
  ///
  /// - Throws: `RunCancelled` where the run is asked to end meanwhile; `SlurmFailure` where the cluster
  ///   cannot be asked.
  public func awaitEarlier(_ cancellation: Cancellation) throws {
    let files = Submission.files(below: output)
    let names = files.map { $0.deletingPathExtension().lastPathComponent }
    var pause = shortPause
    while !names.isEmpty {
      let queue = try controller.queue(named: names)
      if let queue, queue.active.isEmpty { break }
      tellNowAndThen {
        queue.map {
          "\($0.active.count) elements of an earlier run are not over; this one begins after them"
            + Self.words(onWaiting: $0)
        } ?? "the controller does not answer; elements of an earlier run may be at work"
      }
      Self.sleep(pause, until: { cancellation.isCancelled })
      if cancellation.isCancelled { throw RunCancelled() }
      pause = min(pause * 1.5, longPause)
    }
    for file in files { try DurableFiles.remove(file) }
    Submission.sweep(below: output)
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
      let queue = try look()
      try collect(in: run, order: due)
      if let queue { try submitMissing(queue, of: due, in: run) }
      tell(queue, of: due.count)
      pause = waiting.count < before ? shortPause : min(pause * 1.3, longPause)
      if !waiting.isEmpty { Self.sleep(pause, until: { run.mustEnd }) }
    }
  }

  /// Asks for what this run has submitted; nil where that is not known for now.
  private func look() throws(SlurmFailure) -> SlurmQueue? {
    try controller.queue(named: submitted.map(\.submission.name))
  }

  private var directory: URL { Submission.directory(below: output).appendingPathComponent(run) }

  // MARK: - Submitting

  /// Puts jobs into arrays, which are sent when those before them have been. Of jobs whose last elements left
  /// no word, each subject has an element of its own: one of them may have taken its element along.
  private func submit(_ jobs: [Job]) throws {
    let plan = ShardPlan(
      jobs, shardSeconds: settings.shard, largestArray: controller.largestArray,
      seconds: { submissions[$0.id] == nil || answered.contains($0.id) ? seconds($0) : nil })
    answered.subtract(jobs.map(\.id))
    var names: [String] = []
    for wave in plan.waves {
      let submission = try submission(wave.word, of: wave.shards)
      names.append(submission.name)
      unsent.append(UnsentWave(submission: submission, word: wave.word, after: wave.after.map { names[$0] }))
      for job in wave.shards.flatMap(\.jobs) where wave.shards[0].part == nil {
        submissions[job.id, default: 0] += 1
        hindrances[job.id] = nil
      }
    }
  }

  private func submission(_ word: String, of shards: [Shard]) throws -> Submission {
    number += 1
    let word = String(word.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" })
    let submission = Submission(
      name: "terrane-\(run)-\(number)-\(word)", shards: shards, run: run, output: output)
    try submission.write()
    return submission
  }

  /// Sends what can be sent, in order; where the controller does not answer the rest stays for the next time.
  private func send() throws {
    while let wave = unsent.first {
      let numbers = submitted.filter { wave.after.contains($0.submission.name) }.map(\.number)
      var number: String?
      if wasRefusedAnAnswer {
        // The cluster may have got it although it did not say so.
        guard let queue = try controller.queue(named: [wave.submission.name]) else { return }
        number = queue.elements.first { $0.name == wave.submission.name }?.job
        wasRefusedAnAnswer = false
      }
      do throws(SlurmFailure) {
        if number == nil { number = try send(wave.submission, after: numbers) }
        submitted.append(SubmittedWave(submission: wave.submission, number: number!))
        unsent.removeFirst()
      } catch {
        guard error.mayGrantFewer else { return try controller.bear(error) }
        guard let queue = try look() else { return }
        // Elements of this run that end make room for others.
        guard queue.active.isEmpty else { return controller.say(once: "\(error); it is asked again") }
        guard wave.submission.shards.count > 1 else { return try controller.bear(error) }
        try halve(wave)
      }
    }
  }

  /// Puts two arrays in the place of the next one.
  private func halve(_ wave: UnsentWave) throws {
    let shards = wave.submission.shards
    let halves = try [shards.prefix(shards.count / 2), shards.suffix((shards.count + 1) / 2)].map {
      UnsentWave(submission: try submission(wave.word, of: Array($0)), word: wave.word, after: wave.after)
    }
    unsent.replaceSubrange(0..<1, with: halves)
    for index in unsent.indices where unsent[index].after.contains(wave.submission.name) {
      unsent[index].after += halves.map(\.submission.name)
    }
    wasRefusedAnAnswer = false
    try DurableFiles.remove(wave.submission.file)
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
    let script = worker.script(
      shards: submission.file, outcomes: directory, ranks: ranks, processors: settings.processors)
    let number = try controller.submit(arguments + ["--wrap=\(script)"])
    wasRefusedAnAnswer = false
    return number
  }

  /// Submits again what is to be done, what nobody has recorded and nobody is at, at two looks in a row.
  private func submitMissing(_ queue: SlurmQueue, of due: [Job], in run: RunningPlan) throws {
    var inFlight = Set(unsent.flatMap(\.submission.shards).flatMap(\.jobs).map(\.id))
    let byName = Dictionary(uniqueKeysWithValues: submitted.map { ($0.submission.name, $0.submission) })
    for element in queue.elements where !element.hasEnded || element.neverBegins {
      guard let shards = byName[element.name]?.shards else { continue }
      let own = element.index.map { shards.indices.contains($0) ? [shards[$0]] : [] } ?? shards
      let jobs = own.flatMap(\.jobs).map(\.id)
      if element.neverBegins {
        for job in jobs { hindrances[job] = element.reason }
      } else {
        inFlight.formUnion(jobs)
      }
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
    let left = files.read()
    // In the order of the plan: what builds on a job that has failed is blocked, whatever was left of it.
    for job in order where waiting[job.id] != nil {
      if case .blocked(let other)? = run.forbidden(job) {
        end(job, JobOutcome(job: job, status: .blocked(by: other), seconds: 0, output: nil), in: run)
        continue
      }
      if let outcome = left[job.id], outcome.key == job.key { try take(outcome, of: job, files, in: run) }
      if waiting[job.id] != nil, missing.contains(job.id), let done = try run.recorded(job, seconds: nil) {
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
    let mostTries: Int
    if outcome.isOfAnotherPlan {
      // A node may see a directory as it was some seconds ago; a scene that was changed stays changed.
      mostTries = Self.mostSubmissions
    } else if code == nil || code == .tryLater {
      mostTries = Self.mostBeginnings
      allowed[job.id] = tries + Self.mostSubmissions
    } else {
      mostTries = code == .inputOutput ? Self.mostSubmissions : 0
    }
    if tries < mostTries {
      answered.insert(job.id)
      return files.forget(job)
    }
    end(job, JobOutcome(job: job, failure: outcome.failure ?? RunFailure(lost(job))), in: run)
  }

  private func lost(_ job: Job) -> SlurmFailure {
    if let reason = hindrances[job.id] {
      return .neverBegan(submissions: submissions[job.id] ?? 0, reason: reason)
    }
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
    for wave in submitted { controller.cancel(named: wave.submission.name, onlyWaiting: !isAtOnce) }
  }

  private func tell(_ queue: SlurmQueue?, of total: Int) {
    tellNowAndThen {
      let done = "\(total - waiting.count) of \(total) jobs have ended"
      guard let queue else { return "\(done); the controller does not answer" }
      let running = queue.active.count(where: \.isRunning)
      return "\(done); \(running) elements are at work, \(queue.active.count - running) wait"
        + Self.words(onWaiting: queue)
    }
  }

  private func tellNowAndThen(_ line: () -> String) {
    guard Date().timeIntervalSince(lastLine) >= Self.lineInterval else { return }
    lastLine = Date()
    say(line())
  }

  private static func words(onWaiting queue: SlurmQueue) -> String {
    queue.reasonToWait.map { " (\($0))" } ?? ""
  }

  private static func sleep(_ seconds: Double, until isOver: () -> Bool) {
    let end = Date() + seconds
    while Date() < end, !isOver() { usleep(100_000) }
  }
}
