import Foundation
import Runs
import Settings
import Testing

@Suite("Numbers of damaged records")
struct DamagedNumberTests {
  private static let (huge, id) = ("1e300", "20260701T020000Z-00a1")

  @Test(
    "A length of time is told whatever the number is",
    arguments: [
      (1e300, "277777 h 46 min"), (.infinity, "277777 h 46 min"), (.nan, "?"), (-3, "-3.0 s"),
      (3700, "1 h 01 min"),
    ])
  func elapsed(seconds: Double, text: String) { #expect(Elapsed.text(seconds) == text) }

  @Test("A moment is told whatever the number is", arguments: [1e300, -1e300, .infinity, .nan])
  func moment(seconds: Double) {
    let date = Date(timeIntervalSince1970: seconds)
    #expect(Timestamp.iso(date).hasSuffix("Z") && !Timestamp.local(date).isEmpty)
  }

  @Test("A run of which every number is out of range is listed, and its state is told")
  func run() throws {
    let site = try Site()
    let directory = site.output.appendingPathComponent("runs/\(Self.id)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: directory.appendingPathComponent(name))
    }
    try write(
      "summary.json",
      #"""
      {"state": "finished", "name": "n", "exit-code": \#(Self.huge), "seconds": \#(Self.huge), "process": \#(Self.huge),
       "peak-memory": \#(Self.huge), "began": "2026-07-01T02:00:00Z",
       "stages": [{"stage": "map", "seconds": \#(Self.huge), "tasks": [
         {"subject": "a", "status": "done", "seconds": \#(Self.huge), "files": [{"path": "a", "bytes": \#(Self.huge)}]}]}]}
      """#)
    try write(
      "run.log.jsonl",
      #"""
      {"event": "began", "task": "map:a", "position": \#(Self.huge), "total": 3}
      {"event": "pass", "task": "map:a", "epoch": \#(Self.huge), "epochs": \#(Self.huge), "loss": \#(Self.huge)}

      """#)
    try write(
      "progress.json",
      #"{"jobs": [{"task": "map:a", "done": \#(Self.huge), "of": -\#(Self.huge), "unit": "windows"}]}"#)
    let run = try #require(RunHistory.run(Self.id, below: site.output))
    #expect(RunRow.table([RunRow(run, isRunning: false)], width: 80).count == 2)
    #expect(try OutputState(of: site.output).lines().contains { $0.contains("took 277777 h") })
    let work = try #require(JobAtWork.all(in: run).first)
    #expect(
      work.position == nil && work.total == 3 && work.done == nil && work.pass?.hasPrefix("pass 0/0") == true)
  }
}
