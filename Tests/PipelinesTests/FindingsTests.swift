import Foundation
import Pipelines
import Runs
import Settings
import Testing

@Suite("The table at the end of a run")
struct FindingsTests {
  /// A run whose jobs have left figures.
  private func table(
    _ findings: [(String, String, [Finding])], warnings: [String] = [],
    status: JobOutcome.Status = .done
  ) throws -> [String] {
    let site = try Site()
    for (_, subject, _) in findings { try site.write("incoming/\(subject).txt", "one") }
    let plan = try site.plan()
    let outcomes = try findings.map { stage, subject, found in
      JobOutcome(
        job: try #require(
          plan.jobs.first { $0.stage == stage && (stage == "train" || $0.subject == subject) }),
        status: status, seconds: 1,
        output: JobOutput(
          job: "\(stage):\(subject)", key: "", directory: "", files: [], findings: found,
          warnings: warnings))
    }
    let report = RunReport(outcomes: outcomes, exitCode: .success)
    return ResultTable.text(report, plan: plan, output: site.output).split(separator: "\n").map(String.init)
  }

  private func areas(_ hectares: [JSONValue?]) -> [Finding] {
    let columns: [FindingTable.Column] = [.init("class"), .init("pixels"), .init("hectares")]
    return [
      Finding(
        .classAreas,
        .table(FindingTable(columns, [["one", 12, hectares[0]], ["two", 34567, hectares[1]]])))
    ]
  }

  @Test("It says how good the model is on held-out labels")
  func scores() throws {
    #expect(
      try table([("train", "x", [Finding(.meanIoU, .number(0.73349))])]).contains(
        "mIoU on held-out labels: 0.733 (train model)"))
    #expect(!(try table([("train", "x", [])]).contains { $0.contains("mIoU") }))
  }

  @Test("It says how many hectares each class covers, pixels where the grid is in degrees")
  func hectares() throws {
    let lines = try table([("map", "a", areas([1234.5678, 0.04])), ("map", "b", areas([2, 3]))])
    let start = try #require(lines.firstIndex { $0.hasPrefix("hectares") })
    #expect(lines[start].split(separator: " ") == ["hectares", "a", "b"])
    #expect(lines[start + 1].split(separator: " ") == ["one", "1,234.6", "2.0"])
    #expect(lines[start + 2].split(separator: " ") == ["two", "0.0", "3.0"])
    let pixels = try table([("map", "a", areas([nil, nil]))])
    #expect(pixels.contains { $0.split(separator: " ") == ["two", "34,567"] })
  }

  @Test("Of a map that is cleaned before it is published the areas are those of what is published")
  func cleaned() throws {
    let columns: [FindingTable.Column] = [.init("class"), .init("pixels"), .init("hectares")]
    let cleaned = Finding(
      FindingKey("cleaned-areas", "area of each class of the cleaned map"),
      .table(FindingTable(columns, [["one", 0, 0], ["two", 34579, 345.8]])))
    let lines = try table([
      ("publish", "a", [cleaned]), ("map", "a", areas([1.2, 3.4])), ("map", "b", areas([2, 3])),
    ])
    let start = try #require(lines.firstIndex { $0.hasPrefix("hectares") })
    #expect(lines[start].split(separator: " ") == ["hectares", "a", "b"])
    #expect(lines[start + 1].split(separator: " ") == ["one", "0.0", "2.0"])
    #expect(lines[start + 2].split(separator: " ") == ["two", "345.8", "3.0"])
  }

  @Test("Many maps fit 80 columns; the rest is counted", arguments: [1, 3, 40])
  func many(count: Int) throws {
    let maps = (0..<count).map { ("map", "s2_2023-09-\($0 + 10)", areas([5, 6])) }
    let lines = try table(maps)
    #expect(lines.allSatisfy { $0.count <= 80 || $0.contains("/") }, "\(lines)")
    #expect(lines.contains { $0.hasSuffix("summary.json has their areas") } == (count > 3))
  }

  @Test("It says how much changed, and the largest transitions")
  func changes() throws {
    let lines = try table([
      (
        "map", "a--b",
        [
          Finding(.changedPixels, 5400), Finding(.observedPixels, 144_600),
          Finding(.changedHectares, .number(54)), Finding(.observedHectares, .number(1446)),
          Finding(
            .transitions,
            .table(
              FindingTable(
                [.init("from"), .init("to"), .init("pixels"), .init("hectares")],
                [
                  ["trees", "bare", 1, 30.25], ["water", "bare", 1, 1], ["bare", "trees", 1, 2],
                  ["bare", "water", 1, 0.5],
                ]))),
        ]
      )
    ])
    let start = try #require(lines.firstIndex { $0.hasPrefix("changed") })
    #expect(
      lines[start...start + 3] == [
        "changed: 54.0 of 1,446.0 hectares (3.7 %), a--b", "  trees -> bare: 30.3", "  bare -> trees: 2.0",
        "  water -> bare: 1.0",
      ])
  }

  @Test(
    "It says what to worry about: notes of this run, at most a dozen, and how many earlier ones have",
    arguments: [1, 12, 30])
  func notes(count: Int) throws {
    let warnings = (0..<count).map { "odd \($0)" }
    let lines = try table([("map", "a", [])], warnings: warnings).filter { $0.hasPrefix("note: ") }
    #expect(lines.count == min(count, 13) && lines[0] == "note: map:a: odd 0")
    #expect((lines.last == "note: and \(count - 12) more; summary.json lists them") == (count > 12))
    let earlier = try table([("map", "a", [])], warnings: warnings, status: .upToDate)
    #expect(earlier.contains("\(count) \(count == 1 ? "note" : "notes") of earlier runs: see summary.json"))
  }
}
