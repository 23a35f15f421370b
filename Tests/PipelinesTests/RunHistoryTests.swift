import Foundation
import Pipelines
import Runs
import Settings
import Testing

@Suite("Records of runs, read again")
struct RunHistoryTests {
  private static let (early, late) = ("20260701T020000Z-00a1", "20260702T020000Z-00b2")

  /// Runs the fake stages over two scenes, one of which is bad, and gives the record's summary.
  @discardableResult
  private func run(_ site: Site, id: String, finishes: Bool = true) throws -> RunReport {
    try Runner.prepare(output: site.output)
    let plan = try site.plan()
    let record = try RunRecord(
      output: site.output, runID: id, plan: plan, arguments: ["terrane", "run"], began: Date())
    let runner = Runner(output: site.output, runID: id, threads: 1, observers: [RunLog(record)])
    let report = try runner.run(plan, ledger: Ledger(output: site.output))
    if finishes {
      try record.finish(
        report, scenes: SceneRoster(for: site.pipeline(), search: Site.search).recorded,
        leftOut: [RecordedEntry(path: "incoming/x", kind: "no-scene", reason: "no scene is in it")])
    }
    return report
  }

  private func site() throws -> Site {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.write("incoming/b.txt", "bad")
    return site
  }

  @Test(
    "A finished run comes back: times, counts, tasks with what they found and left, scenes, what was left out"
  )
  func finished() throws {
    let site = try site()
    let report = try run(site, id: Self.early)
    let history = try RunHistory(below: site.output)
    let run = try #require(history.runs.first)
    #expect(history.runs.count == 1 && history.unreadable.isEmpty)
    #expect(run.id == Self.early && run.state == .finished && run.exitCode == 3)
    #expect(run.counts == [.done: 3, .failed: 1, .blocked: 1])
    #expect(run.arguments == ["terrane", "run"] && run.process == Int(getpid()))
    #expect(try #require(run.ended) >= #require(run.began) && run.seconds != nil)
    #expect(try #require(run.peakMemory) > 1 << 20)
    let map = try #require(run.task("map:a"))
    let outcome = try #require(report.outcomes.first { $0.job.id == "map:a" })
    #expect(map.status == .done && map.key == outcome.job.key && map.stage == "map" && map.subject == "a")
    #expect(map.findings == outcome.output?.findings && map.warnings == outcome.output?.warnings)
    #expect(
      run.task(leaving: "products/a/map.tif")?.files.map(\.sha256)
        == report.outcomes.first { $0.job.id == "publish:a" }?.output?.files.map(\.sha256))
    let failed = try #require(run.failures.first)
    #expect(failed.id == "map:b" && failed.failure?.reason.hasSuffix("cannot read block 3") == true)
    #expect(run.task("publish:b")?.blockedBy == "map:b")
    #expect(run.scenes.map(\.name) == ["a", "b"] && run.scenes.map(\.status) == [.done, .quarantined])
    #expect(run.scenes[1].reason == failed.failure?.reason)
    #expect(run.leftOut.map(\.kind) == ["no-scene"])
    #expect(run.settings?["name"] == .string(run.name))
  }

  @Test("Runs are listed by time; those that run, broke off or are damaged are told apart")
  func states() throws {
    let site = try site()
    try run(site, id: Self.late, finishes: false)
    try run(site, id: Self.early)
    let broken = try RunRecord(
      output: site.output, runID: "20260703T020000Z-00c3", plan: site.plan(), arguments: [], began: Date())
    broken.breakOff(RunFailure("the disk is full", exitCode: .inputOutput))
    func write(_ name: String, _ text: String) throws {
      let url = site.output.appendingPathComponent("runs/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try write("20260704T020000Z-00d4/summary.json", #"{"state": "finished", "#)
    try write("20260705T020000Z-00e5/summary.json", #"{"run": 5}"#)
    try write("20260706T020000Z-00f6/run.log.jsonl", "")
    try write("20260701T010000Z-0000.changed/summary.json", #"{"state": "finished"}"#)
    let history = try RunHistory(below: site.output)
    #expect(history.runs.map { String($0.id.suffix(4)) } == ["00a1", "00b2", "00c3"])
    #expect(
      history.runs.map(\.state) == [.finished, .running, .brokenOff(reason: "the disk is full")])
    #expect(history.runs[1].exitCode == nil && history.runs[1].tasks.isEmpty)
    #expect(history.runs[2].exitCode == 74)
    #expect(history.unreadable.map { String($0.id.suffix(4)) } == ["00d4", "00e5", "00f6"])
    #expect(history.unreadable[0].reason.hasPrefix("summary.json is damaged: Unexpected end of file"))
    #expect(history.unreadable[1].reason == "summary.json is no record of a run")
    #expect(history.unreadable[2].reason.contains("summary.json"))
    let newest = try RunHistory(below: site.output, last: 4)
    #expect(newest.runs.map { String($0.id.suffix(4)) } == ["00c3"] && newest.unreadable.count == 3)
    #expect(RunHistory.run(Self.early, below: site.output) == history.runs[0])
    #expect(RunHistory.run("../runs/" + Self.early, below: site.output) == nil)
  }

  @Test("A record of an earlier version, and one of a later one, are read as far as they are understood")
  func versions() throws {
    let json = try JSONValue(
      parsing: #"""
        {"state": "finished", "name": "n", "exit-code": 0, "stages": [{"stage": "map", "tasks": [
          {"subject": "a", "status": "postponed", "findings": {"f": {"title": "t", "value": {"odd": 1}},
           "g": {"title": "t", "unit": "ha", "value": 2.5}}}, {"subject": "b", "status": "done"}]}],
         "scenes": {"a": {"status": "elsewhere"}}}
        """#)
    let run = try #require(RecordedRun(json, in: URL(fileURLWithPath: "/out/runs/x")))
    #expect(run.id == "x" && run.peakMemory == nil && run.began == nil && run.leftOut.isEmpty)
    #expect(run.tasks.map(\.status) == [.unknown, .done] && run.scenes.map(\.status) == [.unknown])
    #expect(run.tasks[0].findings.map(\.key) == ["g"] && run.tasks[0].findings[0].number == 2.5)
    #expect(RecordedRun(["state": "begun"], in: URL(fileURLWithPath: "/x")) == nil)
  }

  @Test("A failure of a task that no stage has is kept, and every answer gives its reason")
  func otherFailures() throws {
    let json = try JSONValue(
      parsing: #"""
        {"state": "finished", "name": "n", "exit-code": 74, "began": "2026-07-04T02:15:00Z",
         "stages": [{"stage": "map", "tasks": [{"subject": "a", "status": "done"}]}],
         "failures": [{"task": "catalogue:products", "subject": "", "reason": "catalog.json: disk full",
                       "exit-code": 74}]}
        """#)
    let site = try Site()
    let directory = site.output.appendingPathComponent("runs/\(Self.early)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data(json.pretty.utf8).write(to: directory.appendingPathComponent("summary.json"))
    let run = try #require(try RunHistory(below: site.output).runs.first)
    #expect(run.failures.map(\.id) == ["catalogue:products"] && run.counts == [.done: 1, .failed: 1])
    #expect(run.failures[0].stage == "catalogue" && run.failures[0].subject == "products")
    let reason = "catalogue:products: catalog.json: disk full"
    #expect(RunRow(run, isRunning: false).json["reason"]?.text == reason)
    #expect(RunRow.table([RunRow(run, isRunning: false)], width: 80).last == "  \(reason)")
    let lines = try OutputState(of: site.output).lines()
    #expect(lines.last == "          \(reason)" && lines.contains { $0.hasSuffix("1 failed") }, "\(lines)")
  }

  @Test("An output directory without runs has none")
  func none() throws {
    let site = try Site()
    #expect(try RunHistory(below: site.output).runs.isEmpty)
  }
}
