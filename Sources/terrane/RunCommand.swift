import ArgumentParser
import Foundation
import Host
import Numerics
import Pipelines
import Products
import Reports
import Runs
import Scenes
import Settings
import Slurm

/// `terrane run` carries out a pipeline file.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Carry out a pipeline file: train what is stale, map what is new.",
    discussion: """
      Exit codes: 0 done or nothing to do, 3 some scenes failed, 64 usage, 65 bad data, 66 no input or nothing to \
      compare, 69 this machine lacks GDAL, an instruction or memory, 73 cannot create the output, 74 I/O error, full \
      disk, too many open files or threads, 75 another run is at it, a scene changed while it was read or the deadline \
      has passed, 78 bad pipeline file, 128+n ended by signal n.
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Say what would be done, and why; write nothing.")
  var dryRun = false

  @Flag(help: "Nothing on success, at most 20 lines on stderr on failure.")
  var quiet = false

  @Option(help: "Make anew what other versions of terrane or its libraries made: versions.")
  var refresh: Refresh?

  /// The kind of jobs that are done anew although nothing that they were asked for has changed.
  enum Refresh: String, ExpressibleByArgument, CaseIterable { case versions }

  @Option(help: "Begin no job after this time from now (90s, 30min, 5h).", transform: Self.seconds)
  var deadline: Double?

  @Option(help: "Where jobs are carried out: on this machine without it, or slurm.")
  var on: Place?

  /// The places besides this machine.
  enum Place: String, ExpressibleByArgument, CaseIterable { case slurm }

  @Flag(help: "With --on slurm: stay until all is done; without it a job of the cluster does so.")
  var wait = false

  @Option(
    help: "Write the run's figures to this file, which node-exporter's textfile collector reads.",
    completion: .file(extensions: ["prom"]))
  var metricsFile: String?

  func validate() throws {
    if wait && on == nil { throw ValidationError("--wait belongs to --on slurm") }
    guard let metricsFile else { return }
    if metricsFile.isEmpty { throw ValidationError("--metrics-file is an empty path") }
    if dryRun { throw ValidationError("--metrics-file is of a run; --dry-run makes none") }
  }

  func run() throws {
    if !dryRun { SpinningThreads.limit() }
    let began = Date()
    let metrics = metricsFile.map { WrittenMetrics(to: $0, pipeline: options.pipeline, began: began) }
    // What a run is handed over to writes its figures: this process knows nothing of how it ends.
    var isHandedOver = false
    try CommandExit.of(isQuiet: quiet, ended: { if !isHandedOver { metrics?.write(exitCode: $0) } }) {
      Signals.listen()
      let deadline = deadline.map { began + $0 }
      let planned = try Signals.watchPlanning(until: deadline)
      defer { planned() }
      let pipeline = try options.read(
        writes: !dryRun,
        besides: metricsFile.map { [URL(fileURLWithPath: $0).deletingLastPathComponent()] } ?? [],
        isConfined: on == nil)
      if !dryRun { try ThreadSupply.check(ComputeThreads.count) }
      let roster = pipeline.roster
      let dated = Self.futureScenes(roster)
      for line in dated { CommandExit.say("terrane: \(line)") }
      let tellsReport = tellLeftOut(of: roster)
      if on == .slurm, !wait, !dryRun {
        let code = try hand(pipeline)
        isHandedOver = true
        return code
      }
      return dryRun
        ? try preview(pipeline, until: deadline)
        : try carryOut(
          pipeline, began: began, until: deadline, saidLines: dated.count + (tellsReport ? 1 : 0),
          metrics: metrics, planned: planned)
    }
  }

  private func preview(_ pipeline: PreparedPipeline, until deadline: Date?) throws -> Runs.ExitCode {
    let roster = pipeline.roster
    let hashes = pipeline.hashes(remembers: false, until: deadline)
    let plan = try pipeline.plan(hashes)
    let ledger = Ledger(output: pipeline.output, hashes: hashes)
    let states = try ledger.states(of: plan.jobs, refreshing: refresh == nil ? nil : plan.versions)
    let preview = RunPreview(
      JobForecast(ledger, of: plan.jobs, threads: ComputeThreads.count), threads: ComputeThreads.count)
    for (job, state) in zip(plan.jobs, states) {
      let words =
        switch state {
        case .upToDate: "up to date"
        case .notNeeded: "not needed"
        case .toDo(let reason): "to do: \(reason)" + preview.words(on: job)
        case .refused(let failure): "cannot: \(failure.reason)"
        }
      try CommandExit.show("\(job.id.visibleLine)\t\(words.visibleLine)\n")
    }
    for entry in roster.report?.leftOut ?? [] {
      try CommandExit.show("\(entry.path.visibleLine)\tleft out: \(entry.reason.visibleLine)\n")
    }
    for scene in roster.arriving { try CommandExit.show("\(scene.name.visibleLine)\tarriving\n") }
    let due = zip(plan.jobs, states).compactMap { if case .toDo = $1 { $0 } else { nil } }
    try pipeline.check.beforeTraining(due, scenes: roster.ready)
    if !quiet, !due.isEmpty { CommandExit.say("terrane: \(preview.sum(of: due).visibleLine)") }
    return tellPairing(
      roster, of: states.contains(.refused(.unread)) ? .tryLater : .success)
  }

  /// Scenes that are not mapped because their times lie in the future, as a few lines.
  private static func futureScenes(_ roster: SceneRoster) -> [String] {
    let scenes = roster.arriving.datedInFuture()
    let lines = scenes.prefix(scenes.count > 4 ? 3 : 4).map { "\($0.name): \($0.reasonToWait())".visibleLine }
    let others = scenes.count - lines.count
    return lines + (others > 0 ? ["and \(others) more scenes whose times lie in the future"] : [])
  }

  /// The most products that are named one by one.
  private static let mostLeftOut = 12

  /// Says in a line what the directory of scenes holds besides those that are mapped, and why products are
  /// not; of a quiet run the line alone, and only where a product was left out that nobody asked to leave
  /// out, or nothing is left to compare.
  ///
  /// - Returns: whether anything was said.
  private func tellLeftOut(of roster: SceneRoster) -> Bool {
    guard let report = roster.report, let line = report.line,
      !quiet || report.refusesProducts || roster.pairing?.findsSome == false
    else { return false }
    CommandExit.say("terrane: \(line.visibleLine)")
    guard !quiet else { return true }
    let products = report.productSentences
    let others = products.count - Self.mostLeftOut
    for sentence in products.prefix(Self.mostLeftOut) { CommandExit.say("terrane: \(sentence.visibleLine)") }
    if others > 0 { CommandExit.say("terrane: and \(others) more left out; summary.json lists them") }
    return true
  }

  /// Says what pairing found wrong; a run that was to compare scenes and has none to compare lacks its input.
  private func tellPairing(_ roster: SceneRoster, of code: Runs.ExitCode) -> Runs.ExitCode {
    guard let pairing = roster.pairing, let note = pairing.note else { return code }
    if !pairing.findsSome || !quiet { CommandExit.say("terrane: \(note.visibleLine)") }
    return pairing.findsSome || code != .success ? code : .noInput
  }

  /// Leaves the run to a job of a cluster.
  private func hand(_ pipeline: PreparedPipeline) throws -> Runs.ExitCode {
    try Runner.prepare(output: pipeline.output)
    let coordinator = SlurmCoordinator(pipeline.slurm, output: pipeline.output)
    let job = try coordinator.submit(
      [try ProgramPath.absolute(), "run"] + options.forwarded + ["--on", "slurm", "--wait"] + forwarded)
    if !quiet {
      CommandExit.say(
        "terrane: job \(job) of the cluster carries the run out ('squeue --name=\(coordinator.name)' shows it)"
      )
    }
    return .success
  }

  /// The arguments that a coordinator is given besides those of the pipeline.
  private var forwarded: [String] {
    (quiet ? ["--quiet"] : []) + refreshing
      + (deadline.map { ["--deadline", "\($0)s"] } ?? [])
      + (metricsFile.map { ["--metrics-file", URL(fileURLWithPath: $0).standardizedFileURL.path] } ?? [])
  }

  private var refreshing: [String] { refresh.map { ["--refresh", $0.rawValue] } ?? [] }

  /// Returns what has the jobs carried out on a cluster.
  private func cluster(_ pipeline: PreparedPipeline, run: String) throws -> SlurmExecutor {
    SlurmExecutor(
      pipeline.slurm,
      worker: WorkerCommandLine(
        program: try ProgramPath.absolute(), arguments: options.forwarded + refreshing),
      output: pipeline.output, run: run,
      say: { if !quiet { CommandExit.say("terrane: \($0.visibleLine)") } })
  }

  private func carryOut(
    _ pipeline: PreparedPipeline, began: Date, until deadline: Date?, saidLines: Int,
    metrics: WrittenMetrics?,
    planned: () -> Void
  ) throws -> Runs.ExitCode {
    let roster = pipeline.roster
    let session = try RunSession(output: pipeline.output, began: began)
    let cluster = on == .slurm ? try cluster(pipeline, run: session.runID) : nil
    try cluster?.awaitEarlier(Signals.cancellation)
    metrics?.run = (session.runID, pipeline.output)
    UnpackedArchives.sweep(below: pipeline.output.path)
    UnpackedArchives.shared.keep(below: pipeline.output.path)
    try ArrivingScenes.note(roster.arriving + roster.ready, below: pipeline.output)
    let hashes = pipeline.hashes(until: deadline)
    let plan = try pipeline.plan(hashes)
    planned()
    if let cluster {
      let forecast = JobForecast(
        Ledger(output: pipeline.output, hashes: hashes), of: plan.jobs, threads: pipeline.slurm.processors)
      cluster.seconds = forecast.seconds(of:)
    }
    return try session.carryOut(
      plan, hashes: hashes, arguments: Arguments.recorded, scenes: roster.recorded,
      leftOut: (roster.report?.leftOut ?? []).map(\.recorded),
      runner: { runID, log in
        var runner = Runner(
          output: pipeline.output, runID: runID, threads: ComputeThreads.count,
          cancellation: Signals.cancellation,
          deadline: deadline, classify: CompositionRoot.classify,
          observers: quiet ? [log] : [log, ProgressBar() ?? ProgressLines()])
        runner.refreshesVersions = refresh == .versions
        if let cluster { runner.executor = cluster }
        runner.preflight = { try pipeline.check.beforeTraining($0, scenes: roster.ready) }
        runner.concluding = { ProductCatalogue.job(over: $0, below: pipeline.output) }
        return runner
      },
      // Told before the summary is written; the streams may be what cannot be, too.
      ended: { report in
        tell(report, plan, output: pipeline.output, saidLines: saidLines)
        return (tellPairing(roster, of: report.exitCode), roster.pairing?.note)
      },
      reporting: { Self.report(runIn: $0, below: pipeline.output, isQuiet: quiet) })
  }

  /// Writes the report of a run for people. One that cannot be written is said in a line and costs nothing
  /// else; of a run that was asked to end it has no pictures, which take the longest.
  private static func report(runIn directory: URL, below output: URL, isQuiet: Bool) {
    do {
      try ReportFile.write(
        ofRunIn: directory, below: output, drawing: !Signals.cancellation.isCancelled)
      guard !isQuiet else { return }
      try? CommandExit.show("report: \(output.path.visibleLine)/runs/latest/\(ReportFile.name)\n")
    } catch {
      CommandExit.say("terrane: no \(ReportFile.name): \(CommandExit.failure(error).reason.visibleLine)")
    }
  }

  private func tell(_ report: RunReport, _ plan: Plan, output: URL, saidLines: Int) {
    // One line is left for pairing.
    let failures = ResultTable.failures(report, limit: CommandExit.quietLines - saidLines - 1)
    if !failures.isEmpty { CommandExit.say(String(failures.dropLast())) }
    if !quiet { try? CommandExit.show(ResultTable.text(report, plan: plan, output: output)) }
  }

  private static func seconds(_ text: String) throws -> Double {
    guard let seconds = Runner.seconds(of: text) else {
      throw ValidationError("'\(text)' is not a time such as 5h")
    }
    return seconds
  }
}
