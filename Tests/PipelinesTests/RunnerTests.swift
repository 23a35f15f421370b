import Foundation
import NumericOracles
import Pipelines
import Products
import Runs
import Scenes
import Settings
import Testing

@Suite("Running a plan")
struct RunnerTests {
  @Test("The second run does nothing; a new scene costs its own tasks only")
  func secondRun() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let first = try site.run()
    #expect(first.words == ["train:model: done", "map:a: done", "publish:a: done"])
    #expect(first.exitCode == .success)
    #expect(site.read("products/a/map.tif") == "map of one by 30 [\"labelled\"]")
    let second = try site.run()
    #expect(second.words == ["train:model: up-to-date", "map:a: up-to-date", "publish:a: up-to-date"])
    #expect(second.exitCode == .success && second.outcomes[0].output?.findings == [Finding(.epochs, 30)])
    try site.write("incoming/b.txt", "two")
    #expect(
      try site.run().words == [
        "train:model: up-to-date", "map:a: up-to-date", "map:b: done", "publish:a: up-to-date",
        "publish:b: done",
      ])
  }

  @Test("One bad scene fails alone, with its reason, and is tried again only when it changes")
  func badScene() throws {
    let site = try Site()
    for (name, text) in [("a", "one"), ("b", "bad two"), ("c", "three")] {
      try site.write("incoming/\(name).txt", text)
    }
    let report = try site.run()
    #expect(
      report.words == [
        "train:model: done", "map:a: done", "map:b: failed", "map:c: done", "publish:a: done",
        "publish:b: blocked",
        "publish:c: done",
      ])
    #expect(report.exitCode == .partial)
    #expect(
      report.failures.map(\.failure) == [
        RunFailure(FakeFailure.unreadableBlock("\(site.directory.path)/incoming/b.txt"))
      ])
    #expect(site.exists("products/c/map.tif") && !site.exists("products/b"))
    let leftovers = try FileManager.default.subpathsOfDirectory(atPath: site.output.path)
    #expect(!leftovers.contains { $0.contains(".terrane-tmp") })
    try site.write("incoming/b.txt", "good")
    #expect(try site.run().exitCode == .success)
  }

  @Test("Nothing but bad scenes ends with the first one's code, an unknown error with 70")
  func allBad() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "bad")
    #expect(try site.run().exitCode == .badData)
    try site.write("incoming/a.txt", "odd")
    #expect(try site.run().exitCode == .bug)
  }

  @Test("A failed model blocks what builds on it")
  func badModel() throws {
    let site = try Site()
    try site.write("source.txt", "bad")
    try site.write("incoming/a.txt", "one")
    let report = try site.run()
    #expect(report.words == ["train:model: failed", "map:a: blocked", "publish:a: blocked"])
    #expect(report.exitCode == .badData)
  }

  @Test("An unreadable scene is a failed task, not the end of the plan")
  func unreadableScene() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let link = site.directory.appendingPathComponent("incoming/b.txt")
    try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/nonexistent/scene")
    let report = try site.run()
    #expect(report.words.contains("map:b: failed") && report.words.contains("publish:a: done"))
    #expect(report.exitCode == .partial)
  }

  @Test("Asked to end, a task ends, nothing torn is left, and the next run resumes")
  func cancellation() throws {
    let site = try Site()
    for (name, text) in [("a", "one"), ("b", "hang"), ("c", "three")] {
      try site.write("incoming/\(name).txt", text)
    }
    let cancellation = Cancellation()
    let begun = site.output.appendingPathComponent("cache/b").path
    let thread = Thread {
      while !FileManager.default.fileExists(atPath: begun) { Thread.sleep(forTimeInterval: 0.01) }
      Thread.sleep(forTimeInterval: 0.05)
      cancellation.cancel(signal: SIGTERM)
    }
    thread.start()
    let start = ContinuousClock.now
    let report = try site.run(cancellation: cancellation)
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(report.exitCode == .signal(SIGTERM) && report.exitCode.rawValue == 143)
    #expect(report.words.contains("map:b: not-reached") && report.words.contains("map:c: not-reached"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: site.output.appendingPathComponent("cache/b").path)
        .isEmpty)
    let table = try ResultTable.text(report, plan: site.plan(), output: site.output)
    #expect(table.contains("\nnot reached: 5 jobs; the next run takes them up\n"))
    try site.write("incoming/b.txt", "two")
    let resumed = try site.run()
    #expect(
      resumed.exitCode == .success
        && resumed.words.prefix(2) == ["train:model: up-to-date", "map:a: up-to-date"])
  }

  @Test("A deadline in the past begins nothing and ends with 75")
  func deadline() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let report = try site.run(deadline: .distantPast)
    #expect(report.exitCode == .tryLater && report.words.allSatisfy { $0.hasSuffix("not-reached") })
    #expect(try site.run(deadline: .distantFuture).exitCode == .success)
  }

  @Test("A newer key's cache replaces the older one; the model of before stays")
  func superseded() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    func directories(_ path: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: site.output.appendingPathComponent(path).path)
        .sorted()
    }
    let before = try directories("cache/a")
    try site.run(["train.epochs=3"])
    let after = try directories("cache/a")
    #expect(before.count == 1 && after.count == 1 && before != after)
    let models = try directories("models")
    #expect(models.count == 3 && models.contains("latest"))
    let latest = site.output.appendingPathComponent("models/latest").path
    #expect(try models.contains(FileManager.default.destinationOfSymbolicLink(atPath: latest)))
  }

  @Test("Going back to earlier settings does not mistake the newer files for the earlier ones")
  func backAndForth() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    for epochs in [3, 4, 3, 4] {
      let report = try site.run(["train.epochs=\(epochs)"])
      #expect(report.words.last == "publish:a: done")
      #expect(site.read("products/a/map.tif") == "map of one by \(epochs) [\"labelled\"]")
    }
  }

  @Test("A file that is no longer made disappears from the products")
  func droppedFile() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run(["publish.style=true"])
    #expect(site.exists("products/a/map.qml"))
    try site.run()
    #expect(!site.exists("products/a/map.qml") && site.exists("products/a/map.tif"))
  }

  @Test("What a killed publication has left disappears once the files are published")
  func killedPublication() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    #expect(try site.run().exitCode == .success)
    // As a run that was killed between its renames and its record would leave it.
    let record =
      #"{"publishing":{"directory":"products/a","files":["products/a/map.tif","products/a/map.qml"],"#
      + #""key":"k","task":"publish:a"}}"#
    let ledger = Ledger.recordFile(of: "publish:a", in: .products, below: site.output)
    let text = try String(contentsOf: ledger, encoding: .utf8)
    try Data((text + record + "\n").utf8).write(to: ledger)
    try Data("style".utf8).write(to: site.output.appendingPathComponent("products/a/map.qml"))
    #expect(try site.run().words.last == "publish:a: done")
    #expect(site.exists("products/a/map.tif") && !site.exists("products/a/map.qml"))
  }

  @Test("A pair is compared from the maps of its two dates, wherever they lie")
  func pairs() throws {
    let site = try Site()
    site.stages = "[train: {}, map: {}, compare: {}]"
    try site.write("incoming/a.txt", "one")
    try site.write("elsewhere.txt", "two")
    site.data = ", pairs: [{before: incoming/a.txt, after: elsewhere.txt}]"
    let pipeline = try site.pipeline()
    let roster = try SceneRoster(for: pipeline, search: Site.search)
    #expect(roster.ready.map(\.name) == ["a", "elsewhere"])
    let plan = try Plan(
      pipeline, scenes: roster.ready, versions: [:], hashes: ContentHashes(store: nil, kinds: .rasters))
    try Runner.prepare(output: site.output)
    let report = try Runner(output: site.output, runID: "r", threads: 1).run(
      plan, ledger: Ledger(output: site.output))
    #expect(report.exitCode == .success)
    let change = try #require(report.outcomes.last?.output?.files.first)
    #expect(site.read(change.path)?.hasPrefix("map of one by 30") == true)
    #expect(change.path.hasPrefix("cache/a--elsewhere/") && change.bytes > 0 && change.sha256.count == 64)
  }

  @Test("Two scenes of one name never share a directory")
  func sameName() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.write("incoming/a.dat", "two")
    let report = try site.run()
    #expect(report.words.filter { $0.hasPrefix("map:a") } == ["map:a-dat: done", "map:a-txt: done"])
    #expect(report.exitCode == .success)
    // One that was refused is still a file.
    let roster = try SceneRoster(
      for: site.pipeline(),
      search: SceneSearch([TextReader(refusing: "dat")]))
    #expect(roster.ready.map(\.name) == ["a-dat", "a-txt"])
    #expect(roster.ready.map { $0.refusal == nil } == [false, true])
  }

  @Test("Scenes that may still be arriving are left for later")
  func settling() throws {
    let site = try Site()
    site.extra = "settle: 1h"
    try site.write("incoming/a.txt", "one")
    let pipeline = try site.pipeline()
    let now = try SceneRoster(for: pipeline, search: Site.search)
    #expect(now.ready.isEmpty && now.arriving.map(\.name) == ["a"])
    let later = try SceneRoster(
      for: pipeline, search: Site.search, now: Date().addingTimeInterval(3700))
    #expect(later.ready.map(\.name) == ["a"] && later.arriving.isEmpty)
  }

  @Test("A scene dated in the future waits once, with the reason, and is mapped when it has not changed")
  func datedInFuture() throws {
    let site = try Site()
    site.extra = "settle: 10min"
    try site.write("incoming/a.txt", "one")
    let path = site.directory.appendingPathComponent("incoming/a.txt").path
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 4_070_908_800)], ofItemAtPath: path)
    func roster() throws -> SceneRoster {
      let roster = try SceneRoster(
        for: site.pipeline(), search: Site.search, knowing: ArrivingScenes(below: site.output))
      try Runner.prepare(output: site.output)
      try ArrivingScenes.note(roster.arriving + roster.ready, below: site.output)
      return roster
    }
    let first = try roster()
    #expect(first.ready.isEmpty && first.arriving.datedInFuture().map(\.name) == ["a"])
    #expect(
      first.arriving[0].reasonToWait()
        == "the time of \(path), 2099-01-01T00:00:00Z, lies in the future; the next run maps it if it has not changed by then"
    )
    try site.write("incoming/a.txt", "two")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 4_070_908_801)], ofItemAtPath: path)
    #expect(try roster().arriving.map(\.name) == ["a"])
    #expect(try roster().ready.map(\.name) == ["a"])
    #expect(try roster().ready.map(\.name) == ["a"])
  }

  @Test("A directory without scenes, or nothing to map at all, ends with 66")
  func nothingToMap() throws {
    let site = try Site()
    let empty = try #require(throws: NothingToMap.self) { try site.plan() }
    #expect(empty == .emptyDirectory("\(site.directory.path)/incoming") && empty.exitCode == .noInput)
    #expect(empty.description == "\(site.directory.path)/incoming: no scene in it")
    let text = site.text.replacing(", scenes: incoming", with: "")
    let pipeline = try Pipeline.parse(
      text, path: "site.yaml", url: site.directory.appendingPathComponent("site.yaml"),
      stages: FakeStages.registry)
    let none = try #require(throws: NothingToMap.self) { try SceneRoster(for: pipeline, search: Site.search) }
    #expect(none == .notNamed && none.exitCode == .noInput)
    #expect(none.description == "nothing to map: give --scenes, or data.scenes in the file")
  }

  /// Killed in the middle of a job and between rename and record; what follows must not notice.
  @Test("Killed at the worst moment, the next run gives the same products", .timeLimit(.minutes(20)))
  func crash() async throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.write("incoming/b.txt", "die here")
    let directory = site.directory.path
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [directory = directory as String] in
      let site = try Site(at: URL(fileURLWithPath: directory))
      try site.run()
    }
    #expect(site.exists("cache/b"))
    // As if the kill had come between the rename and the record: the product is there, the ledger knows
    // nothing.
    try FileManager.default.createDirectory(
      at: site.output.appendingPathComponent("products/a"), withIntermediateDirectories: true)
    try Data("torn".utf8).write(to: site.output.appendingPathComponent("products/a/map.tif"))
    try site.write("incoming/b.txt", "two")
    let resumed = try site.run()
    #expect(resumed.words.prefix(2) == ["train:model: up-to-date", "map:a: up-to-date"])
    #expect(resumed.exitCode == .success)
    #expect(site.read("products/a/map.tif") == "map of one by 30 [\"labelled\"]")
    let left = try FileManager.default.subpathsOfDirectory(atPath: site.output.path)
    #expect(!left.contains { $0.contains(".terrane-tmp") })
  }

  /// A kill between the last rename and the removal of the workspace, or between a link and its rename.
  @Test("What a killed run left beside finished tasks goes with the next run")
  func leftovers() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.run()
    let left = ["models/.terrane-tmp-1-link", "products/a/.terrane-tmp-run-key/map.tif"]
    for name in left {
      let url = site.output.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("half".utf8).write(to: url)
    }
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
    #expect(!left.contains(where: site.exists))
    #expect(!site.exists("products/a/.terrane-tmp-run-key") && site.exists("products/a/map.tif"))
  }

  /// Each seed kills a run after another few milliseconds; together they meet hashing, writing, renaming and
  /// recording.
  @Test(
    "Killed at any moment, the next run completes with the same bytes", arguments: 0..<12 as Range<UInt64>)
  func killedAnywhere(seed: UInt64) async throws {
    let (site, undisturbed) = (try Site(), try Site())
    for each in [site, undisturbed] {
      for name in ["a", "b", "c", "d"] { try each.write("incoming/\(name).txt", "scene \(name)") }
    }
    try undisturbed.run()
    let directory = site.directory.path
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [directory = directory as String, seed = seed as UInt64] in
      var random = SplitMix(seed: seed)
      let delay = Double.random(in: 0...0.05, using: &random)
      let thread = Thread {
        Thread.sleep(forTimeInterval: delay)
        kill(getpid(), SIGKILL)
      }
      thread.start()
      try Site(at: URL(fileURLWithPath: directory)).run()
      while true { sched_yield() }
    }
    #expect(try site.run().exitCode == .success)
    for name in ["a", "b", "c", "d"] {
      #expect(site.read("products/\(name)/map.tif") == undisturbed.read("products/\(name)/map.tif"))
    }
    let left = try FileManager.default.subpathsOfDirectory(atPath: site.output.path)
    #expect(!left.contains { $0.contains(".terrane-tmp") })
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
  }

  @Test("A run over a hundred scenes with nothing new takes less than a second")
  func hundredScenes() throws {
    let site = try Site()
    for index in 0..<100 { try site.write("incoming/s\(index).txt", "scene \(index)") }
    try site.run()
    let start = ContinuousClock.now
    #expect(try site.run().words.allSatisfy { $0.hasSuffix("up-to-date") })
    let elapsed = ContinuousClock.now - start
    #expect(elapsed < .seconds(1))
  }
}
