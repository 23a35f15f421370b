import Foundation
import Runs
import Settings
import Testing

@Suite("What differs between two runs")
struct RunDifferenceTests {
  /// A run over one scene whose map covers some hectares, and some others once it is cleaned.
  private func run(_ hectares: Double, cleaned: Double?) throws -> RecordedRun {
    func areas(_ key: String, _ hectares: Double) -> String {
      #"""
      "\#(key)": {"title": "t", "value": {"columns": [{"key": "class"}, {"key": "hectares"}],
        "rows": [{"class": "water", "hectares": \#(hectares)}]}}
      """#
    }
    let json = try JSONValue(
      parsing: #"""
        {"state": "finished", "name": "n", "exit-code": 0, "stages": [
          {"stage": "inference", "tasks": [
            {"subject": "a", "status": "done", "findings": {\#(areas("class-areas", hectares))}}]},
          {"stage": "geotiff", "tasks": [
            {"subject": "a", "status": "done",
             "findings": {\#(cleaned.map { areas("cleaned-areas", $0) } ?? "")}}]}]}
        """#)
    return try #require(RecordedRun(json, in: URL(fileURLWithPath: "/out/runs/x")))
  }

  private func areas(_ before: RecordedRun, _ after: RecordedRun) -> [RunDifference.Change] {
    RunDifference(before, after).parts.first { $0.name == "areas" }?.changes ?? []
  }

  @Test("Areas are those of the maps that are published: of cleaned ones where they were cleaned")
  func cleaned() throws {
    let changes = areas(try run(10, cleaned: nil), try run(10, cleaned: 12.5))
    #expect(changes.map { [$0.subject, $0.before, $0.after] } == [["a: water", "10 ha", "12.5 ha"]])
    #expect(areas(try run(10, cleaned: 12), try run(11, cleaned: 12)).isEmpty)
  }
}
