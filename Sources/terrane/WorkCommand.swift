import ArgumentParser
import Foundation
import Host
import Numerics
import Pipelines
import Runs
import Scenes

/// `terrane work` carries out some jobs of a pipeline file, for a run elsewhere.
struct WorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work",
    abstract: "Carry out some jobs of a pipeline file: what a scheduler starts on other machines.",
    discussion: """
      A job is what 'terrane run --dry-run' prints in the first column, stage:subject. Several processes may be at \
      work below one output directory at once, each at jobs of its own. Nothing is swept or removed, and no record of a \
      run is written: the ledger says what is done.

      Started as several processes (srun --mpi=pmix, mpirun) they share the batches of each training's steps       ('accumulate'); the model is that of one process. Open MPI is needed then.

      Exit codes: 0 all jobs are done, 3 some failed, 64 there is no such job, 75 a job's turn has not come or another \
      process is at it; else that of the first failure, as of 'terrane run'.
      """)

  @OptionGroup var options: PipelineOptions

  @Option(
    name: .customLong("jobs"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "The jobs, each with '@' and 16 or more digits of its key where no other will do.",
      valueName: "stage:subject[@key]"))
  var jobs: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Share I of N: 0 is all that is about no single scene (trainings, evaluations), 1 to N are the scenes. With \
      --shards the number of a line, from 0.
      """, valueName: "I/N"))
  var shard: String?

  @Option(help: "A file of shards, as 'terrane run --on slurm' writes it.", completion: .file())
  var shards: String?

  @Option(help: "Where to leave how each job ended, for the run that waits for it.", completion: .directory)
  var outcomes: String?

  @Option(help: "Make anew what other versions of terrane or its libraries made: versions.")
  var refresh: RunCommand.Refresh?

  /// The choice of jobs that the command line makes.
  private enum Choice {
    case jobs([Worker.Address])
    case line(Int, of: URL)
    case share(ShardShare)
  }

  func validate() throws { _ = try choice() }

  private func choice() throws -> Choice {
    switch (jobs.isEmpty, shards, shard) {
    case (false, nil, nil): return .jobs(jobs.map(Worker.Address.init))
    case (true, let shards?, let shard?):
      guard let line = Int(shard), line >= 0 else {
        throw ValidationError("--shard '\(shard)' is no line of --shards: 0, 1, ...")
      }
      return .line(line, of: URL(fileURLWithPath: shards))
    case (true, nil, let shard?):
      guard let share = ShardShare(parsing: shard) else {
        throw ValidationError("--shard '\(shard)' is no share I/N such as 3/10, with I from 0 to N")
      }
      return .share(share)
    default: throw ValidationError("give --jobs, or --shard I/N, or --shards with --shard")
    }
  }

  func run() throws {
    SpinningThreads.limit()
    try CommandExit.of {
      Signals.listen()
      let choice = try choice()
      let pipeline = try options.read(writes: true, isConfined: !MPIRanks.isOneOfSeveral)
      try ThreadSupply.check(ComputeThreads.count)
      let ranks: any Ranks
      do { ranks = try MPIRanks.join() } catch { throw EnvironmentFailure.noRanks("\(error)") }
      ComputeRanks.current = ranks
      let code: Runs.ExitCode
      do { code = try carryOut(choice, of: pipeline, on: ranks) } catch {
        // To take leave is to wait for the others, which wait for this process.
        guard !ranks.isAlone else { throw error }
        let failure =
          error is RunCancelled
          ? RunFailure(
            "it was asked to end", exitCode: .signal(Signals.cancellation.signalNumber ?? SIGTERM))
          : CommandExit.failure(error)
        CommandExit.say("terrane: process \(ranks.own): \(failure.reason.visibleLine)")
        ranks.abort(code: failure.exitCode.rawValue)
      }
      ranks.leave()
      return code
    }
  }

  private func carryOut(_ choice: Choice, of pipeline: PreparedPipeline, on ranks: any Ranks) throws
    -> Runs.ExitCode
  {
    UnpackedArchives.shared.keep(below: pipeline.output.path)
    let hashes = pipeline.hashes(remembers: false)
    let plan = try pipeline.plan(hashes)
    try Runner.prepare(output: pipeline.output)
    let addresses =
      switch choice {
      case .jobs(let addresses): addresses
      case .line(let line, let file): try ShardFile.read(file, shard: line)
      case .share(let share): share.addresses(of: plan)
      }
    let ledger = Ledger(output: pipeline.output, hashes: hashes)
    guard ranks.own == 0 else {
      HelpingHands(
        output: pipeline.output, runID: RunRecord.newID(), threads: ComputeThreads.count,
        cancellation: Signals.cancellation, ledger: ledger, ranks: ranks
      ).help(with: addresses, of: plan)
      return .success
    }
    let worker = Worker(
      JobRunner(
        output: pipeline.output, runID: RunRecord.newID(), threads: ComputeThreads.count,
        cancellation: Signals.cancellation, classify: CompositionRoot.classify, versions: plan.versions,
        ledger: ledger), ranks: ranks, refreshesVersions: refresh == .versions)
    return try carryOut(addresses, of: plan, by: worker)
  }

  private func carryOut(_ addresses: [Worker.Address], of plan: Plan, by worker: Worker) throws
    -> Runs.ExitCode
  {
    // The end of a part says nothing of its job.
    let makesParts = addresses.contains { $0.part != nil }
    let left = makesParts ? nil : outcomes.map { OutcomeFiles(in: URL(fileURLWithPath: $0)) }
    let lines = ProgressLines()
    var begun = 0
    return try worker.carryOut(addresses, of: plan) { job in
      let progress = JobProgress()
      begun += 1
      lines.began(job, position: begun, of: addresses.count, progress: progress)
      return progress
    } refused: { address, failure in
      try left?.leave(failure, of: address)
      show(address.id, "failed: \(failure)")
    } ended: { outcome in
      lines.ended(outcome)
      try left?.leave(outcome)
      var words = outcome.status.word
      if case .failed(let failure) = outcome.status { words += ": \(failure.reason)" }
      show(outcome.job.id, words)
    }
  }

  private func show(_ job: String, _ words: String) {
    try? CommandExit.show("\(job.visibleLine)\t\(words.visibleLine)\n")
  }
}
