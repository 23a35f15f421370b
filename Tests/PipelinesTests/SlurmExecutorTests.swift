import Foundation
import Pipelines
import Runs
import Settings
import Slurm
import Synchronization
import Testing

@Suite("A cluster carries out a plan")
struct SlurmExecutorTests {
  private func site(_ scenes: [String: String], settings: String = "") throws -> Site {
    let site = try Site()
    site.extra = "slurm: {cpus: 2\(settings)}"
    for (name, text) in scenes { try site.write("incoming/\(name).txt", text) }
    return site
  }

  private func run(
    _ site: Site, on cluster: FakeCluster, seconds: @escaping (Job) -> Double? = { _ in 1 },
    cancellation: Cancellation = Cancellation(), patience: Double = 60, arguments: [String] = [],
    refreshing versions: [String: String]? = nil, say: @escaping (String) -> Void = { _ in }
  ) throws -> RunReport {
    try Runner.prepare(output: site.output)
    var runner = Runner(
      output: site.output, runID: RunRecord.newID(), threads: 1, cancellation: cancellation)
    runner.refreshesVersions = versions != nil
    let executor = SlurmExecutor(
      try site.pipeline().file.slurm,
      worker: WorkerCommandLine(program: "/bin/terrane", arguments: ["site.yaml"] + arguments),
      output: site.output, run: runner.runID, say: say, asking: cluster, pauses: 0.001...0.002,
      patience: patience)
    executor.seconds = seconds
    runner.executor = executor
    return try runner.run(
      site.plan(versions: versions ?? ["terrane": "1"]), ledger: Ledger(output: site.output))
  }

  private let scenes = Dictionary(uniqueKeysWithValues: (0..<9).map { ("s\($0)", "scene \($0)") })

  @Test(
    "What it makes is what one process makes, each job is done once, and arrays are no larger than allowed")
  func sameProducts() throws {
    let (site, whole) = (try site(scenes), try site(scenes))
    try whole.run()
    let cluster = FakeCluster(site)
    let report = try run(site, on: cluster, seconds: { _ in nil })
    #expect(report.exitCode == .success)
    #expect(report.outcomes.allSatisfy { $0.status == .done })
    for name in scenes.keys {
      #expect(site.read("products/\(name)/map.tif") == whole.read("products/\(name)/map.tif"))
    }
    #expect(cluster.beginnings.count == 19 && cluster.beginnings.values.allSatisfy { $0 == 1 })
    // One training, and nine scenes of which an array takes three.
    let arrays = cluster.state.withLock { $0.arguments.filter { $0[0] == "sbatch" } }
    #expect(
      arrays.map { $0.first { $0.hasPrefix("--array") } } == ["--array=0-0"]
        + Array(repeating: "--array=0-2", count: 3))
    #expect(arrays[1].contains("--dependency=afterany:101") && arrays[1].contains("--cpus-per-task=2"))
    #expect(try run(site, on: cluster).outcomes.allSatisfy { $0.status == .upToDate })
  }

  @Test("Scenes of an element make up the time that is asked for, maps and their products together")
  func shards() throws {
    let site = try site(scenes, settings: ", shard: 6s")
    let plan = ShardPlan(try site.plan().jobs, shardSeconds: 6, largestArray: 100) { _ in 1 }
    #expect(plan.waves.map { $0.shards.map(\.jobs.count) } == [[1], [6, 6, 6]])
    #expect(
      plan.waves[1].shards[0].jobs.map(\.id) == [
        "map:s0", "publish:s0", "map:s1", "publish:s1", "map:s2", "publish:s2",
      ])
    #expect(plan.waves[1].after == [0])
    let unknown = ShardPlan(try site.plan().jobs, shardSeconds: 6, largestArray: 100) { _ in nil }
    #expect(unknown.waves[1].shards.map(\.jobs.count) == Array(repeating: 2, count: 9))
  }

  @Test("A bad scene fails alone, is not tried again, and says why")
  func badScene() throws {
    var scenes = scenes
    scenes["s4"] = "bad"
    let site = try site(scenes)
    let cluster = FakeCluster(site)
    let report = try run(site, on: cluster)
    #expect(report.exitCode == .partial)
    #expect(report.failures.map(\.job.id) == ["map:s4"])
    #expect(
      report.failures[0].failure
        == RunFailure(FakeFailure.unreadableBlock(site.directory.path + "/incoming/s4.txt")))
    #expect(report.words.contains("publish:s4: blocked"))
    #expect(cluster.beginnings["map:s4"] == 1)
  }

  @Test("Elements that are killed are submitted again, and nothing that was done is done twice")
  func killed() throws {
    let site = try site(scenes)
    let kills = Mutex(0)
    let cluster = FakeCluster(
      site,
      element: { _, _ in
        kills.withLock {
          $0 += 1
          return $0 % 3 == 1 ? .killed : .fine
        }
      })
    let said = Mutex<[String]>([])
    let report = try run(site, on: cluster, say: { line in said.withLock { $0.append(line) } })
    #expect(report.exitCode == .success)
    #expect(cluster.beginnings.values.allSatisfy { $0 == 1 })
    #expect(said.withLock { $0.contains { $0.contains("submitted again") } })
  }

  @Test("A controller that loses a submission, or has taken one without saying so, costs no job")
  func controller() throws {
    let site = try site(scenes)
    let cluster = FakeCluster(site, submission: { $0 == 0 ? .lost : $0 == 1 ? .unanswered : .fine })
    let report = try run(site, on: cluster)
    #expect(report.exitCode == .success)
    #expect(cluster.beginnings.count == 19 && cluster.beginnings.values.allSatisfy { $0 == 1 })
  }

  @Test(
    "A job that never leaves a word is given up after four submissions, and costs no other of its element"
  )
  func hopeless() throws {
    let site = try site(["a": "one", "b": "two", "c": "three"])
    let cluster = FakeCluster(site, element: { jobs, _ in jobs.contains("map:b") ? .killed : .fine })
    let report = try run(site, on: cluster)
    #expect(report.exitCode == .partial)
    let failure = try #require(report.failures.first)
    #expect(
      failure.job.id == "map:b"
        && failure.failure.reason.hasPrefix("4 elements that were to do it left no record"))
    #expect(failure.failure.exitCode == .tryLater)
    #expect(report.failures.count == 1 && report.words.contains("publish:b: blocked"))
    #expect(report.words.contains("publish:a: done") && report.words.contains("publish:c: done"))
  }

  @Test("Scenes that wait for a training that was killed go out again as they were, several to an element")
  func early() throws {
    let site = try site(scenes)
    let kills = Mutex(1)
    let cluster = FakeCluster(
      site,
      element: { jobs, _ in
        jobs.contains("train:model")
          && kills.withLock {
            $0 -= 1; return $0 == 0
          } ? .killed : .fine
      })
    #expect(try run(site, on: cluster).exitCode == .success)
    let maps = cluster.state.withLock { $0.elements.filter { $0.name.hasSuffix("-map") } }
    #expect(maps.count == 2, "\(maps)")
  }

  @Test(
    "A scene that goes, or is delivered anew, while its element waits fails alone and says why",
    arguments: [nil, "anew"])
  func changed(delivery: String?) throws {
    let site = try site(scenes)
    let file = site.directory.appendingPathComponent("incoming/s4.txt")
    let cluster = FakeCluster(
      site,
      element: { jobs, _ in
        guard jobs.contains("map:s4") else { return .fine }
        try? FileManager.default.removeItem(at: file)
        if let delivery { try? Data("scene delivered \(delivery)".utf8).write(to: file) }
        return .fine
      })
    let report = try run(site, on: cluster)
    #expect(report.exitCode == .partial && report.failures.map(\.job.id) == ["map:s4"])
    let reason = try #require(report.failures.first).failure.reason
    #expect(reason.hasPrefix(delivery == nil ? "there is no job 'map:s4'" : "its key is "), "\(reason)")
    #expect(report.words.filter { $0.hasPrefix("publish:") && $0.hasSuffix(": done") }.count == 8)
  }

  @Test(
    "While versions are refreshed elements make anew what others made, and what is kept is not taken for it")
  func refresh() throws {
    let site = try site(["a": "one"])
    try site.run()
    let new = ["terrane": "2"]
    let cluster = FakeCluster(site, versions: new)
    // Elements that are not told find nothing to do.
    let untold = try run(site, on: cluster, refreshing: new)
    #expect(untold.failures.map(\.job.id) == ["train:model"] && cluster.beginnings.isEmpty)
    let report = try run(site, on: cluster, arguments: ["--refresh", "versions"], refreshing: new)
    #expect(report.outcomes.allSatisfy { $0.status == .done }, "\(report.words)")
    #expect(cluster.beginnings.count == 3)
    let ledger = Ledger(output: site.output)
    #expect(try site.plan().jobs.allSatisfy { ledger.latest(job: $0.id)?.versions == new })
  }

  @Test("The record of files that are gone is not taken for that of a job whose element was killed")
  func oldRecord() throws {
    let site = try site(["a": "one"])
    try site.run()
    try FileManager.default.removeItem(at: site.output.appendingPathComponent("products/a/map.tif"))
    let report = try run(site, on: FakeCluster(site, element: { _, _ in .killed }))
    #expect(report.failures.map(\.job.id) == ["publish:a"], "\(report.words)")
  }

  @Test("A run that is asked to end takes back what it has submitted")
  func cancelled() throws {
    let site = try site(scenes)
    let cancellation = Cancellation()
    let cluster = FakeCluster(
      site,
      element: { _, _ in
        cancellation.cancel(signal: SIGTERM)
        return .fine
      })
    let report = try run(site, on: cluster, cancellation: cancellation)
    #expect(report.exitCode == .signal(SIGTERM))
    let calls = cluster.state.withLock { $0.arguments.filter { $0[0] == "scancel" } }
    #expect(!calls.isEmpty && calls.allSatisfy { $0[1].hasPrefix("--name=terrane-") })
  }

  @Test("Settings ask for resources; options that terrane gives by itself are refused")
  func settings() throws {
    let site = try Site()
    site.extra = "slurm: {partition: main, time: 90min, memory: 8GiB, cpus: 4, options: [--account=geo]}"
    let settings = try site.pipeline().file.slurm
    #expect(
      settings.arguments() == [
        "--ntasks=1", "--cpus-per-task=4", "--partition=main", "--time=0:5400", "--mem=8192M",
        "--account=geo",
      ])
    site.extra = "slurm: {options: [--array=3, 'account geo']}"
    let wrong = #expect(throws: PipelineFileError.self) { try site.pipeline() }
    #expect(
      wrong?.diagnostics.map(\.message) == [
        "terrane gives '--array' by itself", "'account geo' is no option such as --account=geo",
      ])
  }

  @Test("The queue is read by names, and what waits for ever counts as over")
  func queue() {
    let queue = SlurmQueue(
      parsing: """
        terrane-r-1-map|100|0|RUNNING|None
        terrane-r-1-map|100|1|PENDING|Resources
        terrane-r-1-map|100|2|FAILED|NonZeroExitCode
        terrane-r-2-map|101|N/A|PENDING|DependencyNeverSatisfied
        """)
    #expect(queue.elements.map(\.index) == [0, 1, 2, nil])
    #expect(queue.active.map(\.index) == [0, 1])
    #expect(queue.elements.map(\.isRunning) == [true, false, false, false])
    #expect(queue.reasonToWait == "Resources")
  }

  @Test(
    "What waits for somebody's hand, or for what one job does not get, is never begun",
    arguments: [
      ("PENDING", "launch failed requeued held"), ("PENDING", "launch_failed_requeued_held"),
      ("PENDING", "JobHeldAdmin"), ("PENDING", "JobHeldUser"), ("PENDING", "JobHoldMaxRequeue"),
      ("PENDING", "PartitionTimeLimit"), ("PENDING", "BadConstraints"), ("REQUEUE_HOLD", "None"),
      ("SPECIAL_EXIT", "None"), ("PENDING", "QOSMaxCpuPerJobLimit"),
    ])
  func neverBegun(state: String, reason: String) {
    let queue = SlurmQueue(parsing: "a|1|0|\(state)|\(reason)\na|1|1|PENDING|Priority\na|1|2|RUNNING|None\n")
    #expect(queue.elements.map(\.neverBegins) == [true, false, false])
    #expect(queue.active.map(\.index) == [1, 2])
    #expect(SlurmQueue(parsing: "a|1|0|CANCELLED|\(reason)").elements.map(\.neverBegins) == [false])
  }

  @Test("Shares deal all jobs out, scenes by their names, whatever else there is")
  func shares() throws {
    #expect(["0/3", "3/3"].allSatisfy { ShardShare(parsing: $0) != nil })
    #expect(["4/3", "-1/3", "1/0", "1", "a/b", "1/2/3"].allSatisfy { ShardShare(parsing: $0) == nil })
    let site = try site(scenes)
    let plan = try site.plan()
    let shares = (0...3).map { ShardShare(parsing: "\($0)/3")!.addresses(of: plan).map(\.id) }
    #expect(shares[0] == ["train:model"])
    #expect(Set(shares.flatMap(\.self)) == Set(plan.jobs.map(\.id)))
    #expect(shares.map(\.count).reduce(0, +) == plan.jobs.count)
    for share in shares.dropFirst() {
      for scene in share where scene.hasPrefix("map:") {
        #expect(share.contains(scene.replacing("map:", with: "publish:")))
      }
    }
  }

  @Test("An address reads back as it was written, with the part of a preparation")
  func addresses() throws {
    for text in ["map:a", "map:a@0123456789abcdef", "evaluate:evaluate@0123456789abcdef#3"] {
      #expect(Worker.Address(text).text == text)
    }
    let part = Worker.Address("evaluate:evaluate@0123456789abcdef#3")
    #expect(part.id == "evaluate:evaluate" && part.part == 3)
    #expect(Worker.Address("map:a@0123456789abcdef#x").id == "map:a@0123456789abcdef#x")
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("shards-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let odd = Worker.Address("map:line\nfeed\t\"x\"@0123456789abcdef")
    try ShardFile.write([[part], [odd, part]], to: file)
    #expect(try ShardFile.read(file, shard: 1) == [odd, part])
    #expect(throws: WorkerFailure.noShard(2, file: file.path)) { try ShardFile.read(file, shard: 2) }
  }
}
