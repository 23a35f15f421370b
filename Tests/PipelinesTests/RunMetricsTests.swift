import Foundation
import Runs
import Testing

@Suite("Figures of a run for a monitor")
struct RunMetricsTests {
  /// The grammar of the text format: comments with HELP and TYPE, samples with labels and a number.
  private static func faults(in text: String) -> [Substring] {
    let sample =
      /[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="(\\[\\"n]|[^\\"\n])*")(,[a-zA-Z_][a-zA-Z0-9_]*="(\\[\\"n]|[^\\"\n])*")*\})? (-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?|NaN|[+-]Inf)/
    let comment = /# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* [^\n]*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (gauge|counter))/
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().filter {
      $0.wholeMatch(of: sample) == nil && $0.wholeMatch(of: comment) == nil
    }
  }

  private func value(_ name: String, in text: String) -> Double? {
    text.split(separator: "\n").first { $0.hasPrefix("\(name)") }.flatMap { $0.split(separator: " ").last }
      .flatMap { Double($0) }
  }

  @Test("Labels are escaped, each metric has its help and type, and the text ends with a line feed")
  func grammar() {
    let odd = "/srv/a \"b\"\\c\nd{e},f.yaml"
    let family = MetricFamily(
      "terrane_x", "one\\two\nthree",
      [
        .init([.init("pipeline", odd)], 1.5), .init([], .infinity),
        .init([.init("a", ""), .init("b", "ä")], -3),
      ])
    #expect(Self.faults(in: family.text).isEmpty, "\(family.text)")
    #expect(family.text.hasPrefix("# HELP terrane_x one\\\\two\\nthree\n# TYPE terrane_x gauge\n"))
    #expect(family.text.contains(#"terrane_x{pipeline="/srv/a \"b\"\\c\nd{e},f.yaml"} 1.5"#))
    #expect(family.text.hasSuffix("\n") && MetricFamily("x", "y", []).text.isEmpty)
    #expect(Self.faults(in: "x{a=\"b\"c\"} 1\n").count == 1 && Self.faults(in: "x y\n").count == 1)
  }

  @Test("A run's figures are those of its record, and the last success outlives a failure")
  func record() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try site.write("incoming/b.txt", "bad")
    let file = site.directory.appendingPathComponent("figures.prom")
    let began = Date(timeIntervalSince1970: 1_700_000_000)
    let metrics = RunMetrics(to: file, pipeline: "/srv/\"a\".yaml", began: began)
    try metrics.write(exitCode: 0, of: nil, now: began + 10)
    let first = try String(contentsOf: file, encoding: .utf8)
    #expect(Self.faults(in: first).isEmpty, "\(first)")
    #expect(value("terrane_run_last_success_time_seconds{", in: first) == 1_700_000_010)
    #expect(!first.contains("terrane_run_scenes"))

    let plan = try site.plan()
    let record = try RunRecord(
      output: site.output, runID: "20260101T000000Z-0000", plan: plan, arguments: [], began: began)
    let report = try site.run()
    try record.finish(
      report,
      scenes: [
        RecordedScene(name: "a", path: "/a"), RecordedScene(name: "z", path: "/z", waitingReason: "new"),
      ])
    let later = RunMetrics(to: file, pipeline: "/srv/\"a\".yaml", began: began + 100)
    try later.write(exitCode: 74, of: ("20260101T000000Z-0000", site.output), now: began + 160)
    let second = try String(contentsOf: file, encoding: .utf8)
    #expect(Self.faults(in: second).isEmpty, "\(second)")
    #expect(value("terrane_run_last_success_time_seconds{", in: second) == 1_700_000_010)
    #expect(
      value("terrane_run_duration_seconds{", in: second) == 60
        && value("terrane_run_exit_code{", in: second) == 74)
    #expect(second.contains(#"terrane_run_scenes{pipeline="/srv/\"a\".yaml",status="arriving"} 1"#))
    #expect(
      second.contains(#"status="done"} "#) && value("terrane_run_products_written{", in: second) ?? 0 >= 1)
    #expect(value("terrane_run_peak_memory_bytes{", in: second) ?? 0 > 1e6)
    let names = try FileManager.default.contentsOfDirectory(atPath: site.directory.path)
    #expect(
      names.filter { $0.hasSuffix(".prom") } == ["figures.prom"] && !names.contains { $0.contains("-tmp-") })
  }

  @Test("A directory that is not there is an error that names the file")
  func unwritable() {
    let metrics = RunMetrics(to: URL(fileURLWithPath: "/nowhere/x.prom"), pipeline: "/p", began: Date())
    #expect(throws: (any Error).self) { try metrics.write(exitCode: 0, of: nil) }
  }
}
