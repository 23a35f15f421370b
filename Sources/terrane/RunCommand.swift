import ArgumentParser
import Foundation
import Host
import Numerics
import Pipelines
import Products
import Runs
import Scenes
import Settings

/// `terrane run`: carries out a pipeline file.
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

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(help: "A directory of scenes to map, or one scene; replaces data.scenes.", completion: .directory)
  var scenes: String?

  @Option(help: "Where everything is written; replaces 'output'.", completion: .directory)
  var output: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replaces a setting of the file.", valueName: "stage.key=value"))
  var settings: [SettingOverride] = []

  @Option(help: "The precision of inference; short for --set inference.precision=....")
  var precision: String?

  @Flag(help: "Say what would be done, and why; write nothing.")
  var dryRun = false

  @Flag(help: "Nothing on success, at most 20 lines on stderr on failure.")
  var quiet = false

  @Option(help: "Make anew what other versions of terrane or its libraries made: versions.")
  var refresh: Refresh?

  /// What is made anew although nothing that it was asked for has changed.
  enum Refresh: String, ExpressibleByArgument, CaseIterable { case versions }

  @Option(
    help:
      "How many threads to use; all that affinity, control groups and SLURM_CPUS_PER_TASK leave without it.")
  var threads: Int?

  @Option(help: "Begin no task after this time from now (90s, 30min, 5h).", transform: Self.seconds)
  var deadline: Double?

  func validate() throws {
    for (name, path) in [("--scenes", scenes), ("--output", output)] where path?.isEmpty == true {
      throw ValidationError("\(name) is an empty path")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024")
    }
  }

  func run() throws {
    if !dryRun { SpinningThreads.limit() }
    let began = Date()
    try Ending.of(isQuiet: quiet) {
      Signals.listen()
      let deadline = deadline.map { began + $0 }
      let planned = try Signals.watchPlanning(until: deadline)
      defer { planned() }
      let file = try PipelineFile.read(pipeline, stages: Composition.stages, overrides: overrides)
      try Composition.prepare(allowVRT: file.allowVRT, threads: threads)
      if !dryRun { try ThreadSupply.check(ComputeThreads.count) }
      let roster = try SceneRoster(for: file, knowing: ArrivingScenes(below: file.output))
      let dated = Self.futureScenes(roster)
      for line in dated { Ending.say("terrane: \(line)") }
      return dryRun
        ? try preview(file, roster, until: deadline)
        : try carryOut(
          file, roster, began: began, until: deadline, saidLines: dated.count, planned: planned)
    }
  }

  /// The settings of the command line. Paths on it start where the shell is, those in the file where the file is.
  private var overrides: [SettingOverride] {
    var overrides = settings
    if let scenes {
      overrides.append(
        SettingOverride(argument: "--scenes \(scenes)", path: ["data", "scenes"], text: absolute(scenes)))
    }
    if let output {
      overrides.append(
        SettingOverride(argument: "--output \(output)", path: ["output"], text: absolute(output)))
    }
    if let precision {
      overrides.append(
        SettingOverride(
          argument: "--precision \(precision)", path: ["inference", "precision"], text: precision))
    }
    return overrides
  }

  private func absolute(_ path: String) -> String {
    // What is no plain path stays as it is, so that the message about it shows what was given.
    path.hasPrefix("/") || path.contains("://")
      ? path : URL(fileURLWithPath: path).absoluteURL.standardizedFileURL.path
  }

  private func preview(
    _ file: PipelineFile, _ roster: SceneRoster, until deadline: Date?
  ) throws -> Runs.ExitCode {
    let hashes = ContentHashes(
      store: Self.hashStore(file.output), kinds: .rasters, remembers: false,
      cancellation: Cancellation(within: Signals.cancellation, deadline: deadline))
    let file = Self.comparing(file, roster)
    let plan = try plan(file, roster, hashes)
    let standings = try Ledger(output: file.output, hashes: hashes).standings(
      of: plan.tasks, refreshing: refresh == nil ? nil : plan.versions)
    for (task, standing) in zip(plan.tasks, standings) {
      let words =
        switch standing {
        case .upToDate: "up to date"
        case .notNeeded: "not needed"
        case .toDo(let reason): "to do: \(reason)" + Self.forecast(of: task)
        case .refused(let failure): "cannot: \(failure.reason)"
        }
      try Ending.show("\(task.id.visibleLine)\t\(words.visibleLine)\n")
    }
    for scene in roster.arriving { try Ending.show("\(scene.name.visibleLine)\tarriving\n") }
    let due = zip(plan.tasks, standings).compactMap { if case .toDo = $1 { $0 } else { nil } }
    try DataCheck(file, classify: Composition.classify).beforeTraining(due, scenes: roster.ready)
    return tellPairing(
      roster, of: standings.contains(.refused(.unread)) ? .tryLater : .success)
  }

  /// Scenes that are not mapped because their times lie in the future, as a few lines.
  private static func futureScenes(_ roster: SceneRoster) -> [String] {
    let scenes = roster.arriving.datedInFuture()
    let lines = scenes.prefix(scenes.count > 4 ? 3 : 4).map { "\($0.name): \($0.reasonToWait())".visibleLine }
    let others = scenes.count - lines.count
    return lines + (others > 0 ? ["and \(others) more scenes whose times lie in the future"] : [])
  }

  /// Says what pairing found wrong; a run that was to compare scenes and has none to compare lacks its input.
  private func tellPairing(_ roster: SceneRoster, of code: Runs.ExitCode) -> Runs.ExitCode {
    guard let pairing = roster.pairing, let note = pairing.note else { return code }
    if !pairing.findsSome || !quiet { Ending.say("terrane: \(note.visibleLine)") }
    return pairing.findsSome || code != .success ? code : .noInput
  }

  /// What a task will take, or what is in its way, as far as that is known beforehand.
  private static func forecast(of task: PlannedTask) -> String {
    guard let peakMemory = task.peakMemory else { return "" }
    do {
      return ", in at most \(try peakMemory() >> 20) MiB of memory"
    } catch {
      return ", but \(Ending.failure(error).reason)"
    }
  }

  private func carryOut(
    _ file: PipelineFile, _ roster: SceneRoster, began: Date, until deadline: Date?, saidLines: Int,
    planned: () -> Void
  ) throws -> Runs.ExitCode {
    let runID = RunRecord.newID(began)
    try Runner.prepare(output: file.output)
    let lock = try RunLock(output: file.output, runID: runID)
    return try withExtendedLifetime(lock) {
      try ArrivingScenes.note(roster.arriving + roster.ready, below: file.output)
      let hashes = ContentHashes(
        store: Self.hashStore(file.output), kinds: .rasters,
        cancellation: Cancellation(within: Signals.cancellation, deadline: deadline))
      let file = Self.comparing(file, roster)
      let plan = try plan(file, roster, hashes)
      planned()
      let record = try RunRecord(
        output: file.output, runID: runID, plan: plan, arguments: Arguments.recorded, began: began)
      var observers: [any RunObserver] = [RunLog(record)]
      if !quiet { observers.append(ProgressBar() ?? ProgressLines()) }
      var runner = Runner(
        output: file.output, runID: runID, threads: ComputeThreads.count,
        cancellation: Signals.cancellation, deadline: deadline,
        classify: Composition.classify, observers: observers)
      runner.refreshesVersions = refresh == .versions
      runner.preflight = {
        try DataCheck(file, classify: Composition.classify).beforeTraining($0, scenes: roster.ready)
      }
      do {
        let report = try runner.run(plan, ledger: Ledger(output: file.output, hashes: hashes))
        // Told first: on a full disk the summary may be what cannot be written. The streams may be what
        // cannot be, too.
        tell(report, plan, output: file.output, saidLines: saidLines)
        let code = tellPairing(roster, of: report.exitCode)
        try record.finish(
          report, ending: code, scenes: roster.recorded, pairing: roster.pairing?.note)
        if [.success, .partial].contains(report.exitCode) {
          Pruning.prune(below: file.output, keeping: plan)
        }
        return code
      } catch {
        record.breakOff(Ending.failure(error))
        throw error
      }
    }
  }

  /// The file with the pairs and series that were found among its scenes.
  private static func comparing(_ file: PipelineFile, _ roster: SceneRoster) -> PipelineFile {
    var file = file
    (file.data.pairs, file.data.series) = (roster.pairs, roster.series)
    return file
  }

  private func plan(
    _ file: PipelineFile, _ roster: SceneRoster, _ hashes: ContentHashes
  ) throws -> Plan {
    try Plan(
      file: file, scenes: roster.ready, versions: Composition.versions(), hashes: hashes,
      cancellation: Signals.cancellation, classify: Composition.classify)
  }

  private func tell(_ report: RunReport, _ plan: Plan, output: URL, saidLines: Int) {
    // One line is left for pairing.
    let failures = ResultTable.failures(report, limit: Ending.quietLines - saidLines - 1)
    if !failures.isEmpty { Ending.say(String(failures.dropLast())) }
    if !quiet { try? Ending.show(ResultTable.text(report, plan: plan, output: output)) }
  }

  private static func hashStore(_ output: URL) -> URL {
    output.appendingPathComponent("cache/hashes.jsonl")
  }

  private static func seconds(_ text: String) throws -> Double {
    guard let seconds = Runner.seconds(of: text) else {
      throw ValidationError("'\(text)' is not a time such as 5h")
    }
    return seconds
  }
}

extension SettingOverride: ExpressibleByArgument {
  /// Reads `stage.key=value`.
  public init?(argument: String) {
    self.init(parsing: argument)
  }
}
