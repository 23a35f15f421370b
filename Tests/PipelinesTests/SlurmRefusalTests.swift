import Foundation
import Pipelines
import Runs
import Settings
import Slurm
import Synchronization
import Testing

@Suite("A cluster that refuses, does not answer or begins nothing", .timeLimit(.minutes(20)))
struct SlurmRefusalTests {
  private let scenes = Dictionary(uniqueKeysWithValues: (0..<6).map { ("s\($0)", "scene \($0)") })

  private func site(_ slurm: String = "cpus: 2") throws -> Site {
    let site = try Site()
    site.extra = "slurm: {\(slurm)}"
    for (name, text) in scenes { try site.write("incoming/\(name).txt", text) }
    return site
  }

  private func executor(
    _ site: Site, on programs: any SlurmPrograms, run: String = RunRecord.newID(), patience: Double = 60,
    say: @escaping (String) -> Void = { _ in }
  ) throws -> SlurmExecutor {
    try Runner.prepare(output: site.output)
    return SlurmExecutor(
      try site.pipeline().file.slurm,
      worker: WorkerCommandLine(program: "/bin/terrane", arguments: ["site.yaml"]), output: site.output,
      run: run, say: say, asking: programs, pauses: 0.001...0.002, patience: patience)
  }

  private func run(
    _ site: Site, on cluster: FakeCluster, patience: Double = 60, say: @escaping (String) -> Void = { _ in }
  ) throws -> RunReport {
    var runner = Runner(output: site.output, runID: RunRecord.newID(), threads: 1)
    runner.executor = try executor(site, on: cluster, run: runner.runID, patience: patience, say: say)
    return try runner.run(site.plan(), ledger: Ledger(output: site.output))
  }

  private static func failed(_ message: String) -> String {
    "sbatch: error: Batch job submission failed: \(message)"
  }

  @Test(
    "What may pass ends with 75, what is refused for good with 78",
    arguments: [
      ("Zero Bytes were transmitted or received", ExitCode.tryLater),
      ("Unable to contact slurm controller (connect failure)", .tryLater),
      ("Socket timed out on send/recv operation", .tryLater), ("Resource temporarily unavailable", .tryLater),
      ("Requested time limit is invalid (missing or exceeds some limit)", .badPipelineFile),
      ("Time limit specification required, but not provided", .badPipelineFile),
      ("Invalid partition name specified", .badPipelineFile),
      ("Step limit reached for this job", .badPipelineFile),
      ("Invalid job array specification", .badPipelineFile),
    ])
  func codes(message: String, code: ExitCode) {
    let failure = SlurmFailure.refused("sbatch", words: Self.failed(message))
    #expect(failure.exitCode == code)
    #expect(failure.description == "sbatch refuses: \(Self.failed(message))")
  }

  @Test("Of a policy the limit that is named before decides whether it passes")
  func policies() {
    func code(_ limit: String) -> ExitCode {
      SlurmFailure.refused("sbatch", words: "sbatch: error: \(limit)\n\(FakeCluster.policy)").exitCode
    }
    #expect(code("AssocMaxSubmitJobLimit") == .tryLater)
    #expect(code("QOSMaxSubmitJobPerUserLimit") == .tryLater)
    #expect(code("QOSMaxWallDurationPerJobLimit") == .badPipelineFile)
  }

  @Test("A refusal for good ends the run at once with the reason")
  func timeLimit() throws {
    let words = Self.failed("Requested time limit is invalid (missing or exceeds some limit)")
    let site = try site()
    let cluster = FakeCluster(site, submission: { _ in .refused(words) })
    #expect(throws: SlurmFailure.refused("sbatch", words: words)) { try run(site, on: cluster) }
    #expect(cluster.state.withLock { $0.submissions } == 1)
  }

  @Test("A controller that is started anew is asked again, said once, and given up when patience is over")
  func passing() throws {
    let words = Self.failed("Zero Bytes were transmitted or received")
    let site = try site()
    let said = Mutex<[String]>([])
    let cluster = FakeCluster(site, submission: { $0 < 3 ? .refused(words) : .fine })
    let report = try run(site, on: cluster, say: { line in said.withLock { $0.append(line) } })
    #expect(report.exitCode == .success)
    let line = "sbatch refuses: \(words); it is asked again"
    #expect(said.withLock { $0.filter { $0 == line }.count } == 1)
    let other = try self.site()
    let away = FakeCluster(other, submission: { _ in .refused(words) })
    let failure = #expect(throws: SlurmFailure.self) { try run(other, on: away, patience: 0.05) }
    #expect(failure == .refused("sbatch", words: words) && failure?.exitCode == .tryLater)
  }

  @Test("An array that is larger than what a user may submit goes out in parts")
  func submitLimit() throws {
    let site = try site()
    let cluster = FakeCluster(site, mostQueued: 2)
    var runner = Runner(output: site.output, runID: RunRecord.newID(), threads: 1)
    let executor = try executor(site, on: cluster, run: runner.runID)
    executor.seconds = { _ in nil }
    runner.executor = executor
    let report = try runner.run(site.plan(), ledger: Ledger(output: site.output))
    #expect(report.exitCode == .success)
    #expect(cluster.beginnings.count == 13 && cluster.beginnings.values.allSatisfy { $0 == 1 })
    #expect(cluster.state.withLock { $0.elements.count } == 7)
    let none = try self.site()
    #expect(throws: SlurmFailure.refused("sbatch", words: FakeCluster.policy)) {
      try run(none, on: FakeCluster(none, mostQueued: 0))
    }
  }

  @Test("An element that is held is taken back and submitted again; one that never begins says why")
  func held() throws {
    let site = try site()
    let holds = Mutex(1)
    let cluster = FakeCluster(
      site,
      element: { jobs, _ in
        if jobs.contains("map:s2") { return .stuck("PartitionTimeLimit") }
        let isHeld = holds.withLock {
          $0 -= 1; return $0 == 0
        }
        return isHeld ? .stuck("launch failed requeued held") : .fine
      })
    let report = try run(site, on: cluster)
    #expect(report.failures.map(\.job.id) == ["map:s2"])
    #expect(
      report.failures.first?.failure.reason
        == "4 elements that were to do it left no record; the last was never begun (PartitionTimeLimit)")
    #expect(report.words.filter { $0.hasPrefix("publish:") && $0.hasSuffix(": done") }.count == 5)
    #expect(cluster.state.withLock { $0.arguments.contains(["scancel", "101_0"]) })
  }

  @Test("Elements of an earlier run are not waited for where the cluster cannot be asked")
  func earlier() throws {
    let site = try site()
    let run = "20260101T000000Z-ab12"
    let earlier = Submission(
      name: "terrane-\(run)-1-map", shards: [Shard(try site.plan().jobs)], run: run, output: site.output)
    try earlier.write()
    let log = Submission.directory(below: site.output).appendingPathComponent("coordinator-7.log")
    try Data().write(to: log)
    let missing = ToldPrograms { program, _ throws(SlurmFailure) in throw .notInstalled(program) }
    #expect(throws: SlurmFailure.notInstalled("squeue")) {
      try executor(site, on: missing).awaitEarlier(Cancellation())
    }
    let away = ToldPrograms { program, _ throws(SlurmFailure) in throw .noAnswer(program, seconds: 30) }
    let said = Mutex<[String]>([])
    #expect(throws: SlurmFailure.noAnswer("squeue", seconds: 30)) {
      try executor(
        site, on: away, patience: 0.05, say: { line in said.withLock { $0.append(line) } }
      ).awaitEarlier(Cancellation())
    }
    #expect(said.withLock { $0.contains { $0.hasPrefix("the controller does not answer") } })
    // What is over is not asked for again; the logs of coordinators stay.
    let idle = ToldPrograms { _, _ in .init() }
    try executor(site, on: idle).awaitEarlier(Cancellation())
    #expect(Submission.files(below: site.output).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: earlier.directory.path))
    #expect(FileManager.default.fileExists(atPath: log.path))
    try executor(site, on: missing).awaitEarlier(Cancellation())
  }

  @Test("However many jobs there are, no argument is longer than the kernel takes")
  func names() throws {
    let names = (0..<5000).map { "terrane-20260101T000000Z-ab12-\($0)-inference" }
    let programs = ToldPrograms { _, arguments in
      let asked = arguments.first { $0.hasPrefix("--name=") }?.dropFirst(7).split(separator: ",") ?? []
      return .init(output: asked.map { "\($0)|1|0|RUNNING|None" }.joined(separator: "\n"))
    }
    #expect(try SlurmQueue(named: names, by: programs).active.map(\.name) == names)
    #expect(programs.calls.allSatisfy { $0.allSatisfy { $0.utf8.count < 128 << 10 } })
    #expect(try SlurmQueue(named: [], by: programs).elements.isEmpty)
  }

  @Test("A coordinator has a time of its own and asks for nothing that elements alone need")
  func coordinator() throws {
    let site = try site(
      """
      partition: main, time: 10min, memory: 8GiB, cpus: 4, \
      options: [--account=geo, --qos=night, --exclusive, --gres=gpu:1]
      """
    )
    func options(_ longest: String) throws -> [String] {
      let programs = ToldPrograms { program, _ in
        .init(output: program == "sinfo" ? "main|\(longest)\n" : program == "sbatch" ? "7\n" : "")
      }
      let coordinator = SlurmCoordinator(
        try site.pipeline().file.slurm, output: site.output, asking: programs)
      #expect(try coordinator.submit(["terrane", "run"]) == "7")
      return try #require(programs.calls.first { $0[0] == "sbatch" }).filter {
        !["--output", "--chdir", "--job-name", "--wrap"].contains(String($0.prefix { $0 != "=" }))
      }
    }
    #expect(
      try options("12:30:00") == [
        "sbatch", "--parsable", "--ntasks=1", "--cpus-per-task=1", "--requeue", "--open-mode=append",
        "--partition=main", "--time=0:45000", "--account=geo", "--qos=night",
      ])
    for longest in ["infinite", "2-00:00:00", "n/a"] {
      #expect(try options(longest).contains("--time=0:86400"), "\(longest)")
    }
    site.extra = "slurm: {wait: 2h}"
    #expect(try options("infinite").contains("--time=0:7200"))
    let away = ToldPrograms { _, _ in
      .init(status: 1, error: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
    }
    let failure = #expect(throws: SlurmFailure.self) {
      try SlurmCoordinator(try site.pipeline().file.slurm, output: site.output, asking: away).submit([])
    }
    #expect(failure?.exitCode == .tryLater && failure?.description.hasPrefix("squeue refuses") == true)
  }

  @Test("Processes that share a training have the processors of their element")
  func processors() throws {
    let site = try site("cpus: 3, ranks: 2")
    let cluster = FakeCluster(site)
    #expect(try run(site, on: cluster).exitCode == .success)
    let scripts = cluster.state.withLock { $0.arguments.filter { $0[0] == "sbatch" } }.compactMap(\.last)
    #expect(
      scripts[0].hasPrefix(
        "--wrap=exec srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=3 '/bin/terrane'"))
    #expect(scripts[1].hasPrefix("--wrap=exec '/bin/terrane'"))
  }
}

/// Programs of Slurm that answer as a test says, and what they were asked.
private final class ToldPrograms: SlurmPrograms {
  private let answer: @Sendable (String, [String]) throws(SlurmFailure) -> SlurmCommand.Result
  private let asked = Mutex<[[String]]>([])

  init(_ answer: @escaping @Sendable (String, [String]) throws(SlurmFailure) -> SlurmCommand.Result) {
    self.answer = answer
  }

  var calls: [[String]] { asked.withLock { $0 } }

  func call(_ program: String, _ arguments: [String]) throws(SlurmFailure) -> SlurmCommand.Result {
    asked.withLock { $0.append([program] + arguments) }
    return try answer(program, arguments)
  }
}
