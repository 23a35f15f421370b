import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Settings
import Testing

@Suite("The record of a run")
struct RunRecordTests {
  private func recorded(_ site: Site, id: String) throws -> (
    summary: JSONValue, report: RunReport, plan: Plan
  ) {
    try Runner.prepare(output: site.output)
    let plan = try site.plan()
    let record = try RunRecord(
      output: site.output, runID: id, plan: plan, arguments: ["terrane", "run"], began: Date())
    let running = try JSONValue(parsing: site.read("runs/latest/summary.json") ?? "")
    #expect(running["state"] == "running")
    let runner = Runner(output: site.output, runID: id, threads: 1, observers: [RunLog(record)])
    let report = try runner.run(plan, ledger: Ledger(output: site.output))
    var roster = try SceneRoster(for: site.pipeline(), search: Site.search)
    roster.arriving = [SceneSource(name: "late", path: site.directory.path, files: [])]
    try record.finish(report, scenes: roster.recorded)
    return (try JSONValue(parsing: site.read("runs/latest/summary.json") ?? ""), report, plan)
  }

  @Test("The summary counts tasks, names each scene's status and reason, and holds findings and files")
  func summary() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.write("incoming/b.txt", "bad")
    let (summary, report, plan) = try recorded(site, id: "r1")
    #expect(summary["state"] == "finished" && summary["exit-code"] == 3 && summary["run"] == "r1")
    #expect(
      summary["counts"] == ["done": 3, "failed": 1, "blocked": 1, "up-to-date": 0, "not-reached": 0])
    let scenes = try #require(summary["scenes"])
    #expect(scenes["a"]?["status"] == "done" && scenes["a"]?["reason"] == .null)
    #expect(scenes["b"]?["status"] == "quarantined" && scenes["late"]?["status"] == "arriving")
    #expect(scenes["b"]?["reason"]?.text?.hasSuffix("b.txt: cannot read block 3") == true)
    #expect(
      summary.canonical.contains(
        #""findings":{"epochs":{"title":"passes over the chips","value":30}}"#))
    #expect(summary.canonical.contains(#""path":"products/a/map.tif""#))
    let table = ResultTable.text(report, plan: plan, output: site.output)
    #expect(
      table.split(separator: "\n").map { String($0.prefix(34)) }.prefix(4) == [
        "stage    done  up to date  failed ", "train       1           0       0 ",
        "map         1           0       1 ", "publish     1           0       1 ",
      ])
    #expect(table.hasSuffix("products: \(site.output.path)/products\n"))
    #expect(
      ResultTable.failures(report)
        == "terrane: map:b: \(site.directory.path)/incoming/b.txt: cannot read block 3\n"
        + "terrane: 1 more could not begin because of that\n")
  }

  @Test("A scene that is compared with none says why: no date, no position, no other date")
  func unused() throws {
    let site = try Site()
    site.stages = "[train: {}, map: {}, compare: {}]"
    site.data = ", pairing: by-date"
    for name in ["undated", "north_2023-06-14", "south_2023-06-15"] {
      try site.write("incoming/\(name).txt", name)
    }
    let points = Geolocation(controlPoints: [.init(column: 0, row: 0, x: 10, y: 46)], crs: nil)
    let roster = try SceneRoster(
      for: site.pipeline(), search: Site.search,
      about: {
        SceneFacts(
          Acquisition(name: $0.name),
          grid: Grid(width: 4, height: 4, geolocation: $0.name.hasPrefix("north") ? points : nil))
      })
    let plan = try Plan(
      site.pipeline(), scenes: roster.ready, versions: [:],
      hashes: ContentHashes(store: nil, kinds: .rasters))
    try Runner.prepare(output: site.output)
    let record = try RunRecord(output: site.output, runID: "r", plan: plan, arguments: [], began: Date())
    try record.finish(
      RunReport(outcomes: [], exitCode: .noInput), scenes: roster.recorded, pairing: roster.pairing?.note)
    let scenes = try JSONValue(parsing: site.read("runs/latest/summary.json") ?? "")["scenes"]
    func reason(_ name: String) -> String { scenes?[name]?["reason"]?.text ?? "" }
    #expect(reason("undated").hasPrefix("neither its name"))
    #expect(
      reason("north_2023-06-14")
        == "it has control points, RPCs or geolocation arrays in the place of a position")
    #expect(reason("south_2023-06-15") == "no earlier scene shows its ground")
  }

  @Test("Latest is the newest run, also one with nothing to do, and each run has its settings and log")
  func latest() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    _ = try recorded(site, id: "r1")
    let (summary, _, _) = try recorded(site, id: "r2")
    #expect(summary["run"] == "r2" && summary["counts"]?["up-to-date"] == 3 && summary["exit-code"] == 0)
    let link = site.output.appendingPathComponent("runs/latest").path
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "r2")
    let resolved = try JSONValue(parsing: site.read("runs/r1/resolved.json") ?? "")
    #expect(resolved["stages"]?.canonical.contains(#""epochs":30"#) == true && resolved["name"] == "site")
    let log = try #require(site.read("runs/r1/run.log.jsonl")).split(separator: "\n")
    let events = try log.map { try JSONValue(parsing: String($0))["event"]?.text }
    #expect(events == ["began", "done", "began", "done", "began", "done"])
  }

  @Test("A failing run says at most as many lines as are allowed", arguments: [3, 20])
  func manyFailures(limit: Int) throws {
    let site = try Site()
    for index in 0..<40 { try site.write("incoming/s\(index).txt", "bad") }
    let report = try site.run()
    let lines = ResultTable.failures(report, limit: limit).split(separator: "\n")
    #expect(lines.count == limit)
    #expect(lines[limit - 2] == "terrane: and \(40 - (limit - 2)) more; summary.json lists them")
    #expect(lines[limit - 1] == "terrane: 40 more could not begin because of that")
  }

  @Test("Canonical text is sorted, without spaces, and the same for the same value")
  func canonical() throws {
    let value: JSONValue = ["b": [1, 2.5, true, .null], "a": ["é\n\"\\\u{1}": -0.0], "B": 1e-7]
    #expect(value.canonical == #"{"B":1e-07,"a":{"é\n\"\\\u0001":0.0},"b":[1,2.5,true,null]}"#)
    let back = try JSONValue(parsing: value.canonical)
    #expect(try JSONValue(parsing: back.pretty) == back)
    #expect(
      JSONValue.number(.nan).canonical == "\"nan\"" && JSONValue.number(-.infinity).canonical == "\"-inf\"")
  }
}
