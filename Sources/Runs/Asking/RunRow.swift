import Foundation
import Host
import Settings

/// A run as `terrane log` lists it.
package struct RunRow: Sendable {
  private let run: RecordedRun
  private let isRunning: Bool

  /// - Parameter isRunning: whether it is going on; a run whose record says so and that is not was killed.
  package init(_ run: RecordedRun, isRunning: Bool) { (self.run, self.isRunning) = (run, isRunning) }

  private func count(_ statuses: RecordedTask.Status...) -> Int {
    statuses.reduce(0) { $0 + (run.counts[$1] ?? 0) }
  }

  /// What became of the run in a word: `finished`, `broken-off`, `running`, `killed`.
  private var state: String {
    switch run.state {
    case .finished: "finished"
    case .brokenOff: "broken-off"
    case .running: isRunning ? "running" : "killed"
    }
  }

  /// The first reason of what failed; nil where nothing did.
  private var reason: String? {
    if case .brokenOff(let reason) = run.state { return reason }
    return run.failures.first.map { "\($0.id): \($0.failure?.reason ?? "")" }
      ?? (run.state == .running && !isRunning ? "killed before its end" : nil)
  }

  /// The heads of the columns.
  private static let heads = ["began", "took", "exit", "done", "reused", "failed", "scenes"]

  private var cells: [String] {
    let ended = run.state == .finished
    return [
      run.began.map(Timestamp.local) ?? run.id, run.seconds.map(Elapsed.text) ?? "-",
      run.exitCode.map { "\($0)" } ?? (isRunning ? "runs" : "-"), ended ? "\(count(.done))" : "-",
      ended ? "\(count(.upToDate))" : "-", ended ? "\(count(.failed, .blocked))" : "-",
      ended ? "\(run.scenes.count)" : "-",
    ]
  }

  /// Returns rows as a table of a width, with the first reason of what failed below its run.
  package static func table(_ rows: [RunRow], width: Int) -> [String] {
    let lines = ResultTable.aligned([heads] + rows.map(\.cells))
    return [lines[0]]
      + zip(rows, lines.dropFirst()).flatMap { row, line -> [String] in
        [line] + (row.reason.map { ["  " + cut($0.visibleLine, to: width - 2)] } ?? [])
      }
  }

  private static func cut(_ text: String, to width: Int) -> String {
    text.count > width ? text.prefix(max(1, width - 3)) + "..." : text
  }

  /// The run as JSON.
  package var json: JSONValue {
    let scenes = Dictionary(grouping: run.scenes, by: \.status).mapValues(\.count)
    return [
      "run": .string(run.id), "state": .string(state), "name": .string(run.name),
      "pipeline": .string(run.pipeline),
      "began": run.began.map { .string(Timestamp.iso($0)) } ?? .null,
      "ended": run.ended.map { .string(Timestamp.iso($0)) } ?? .null,
      "seconds": run.seconds.map(JSONValue.number) ?? .null,
      "exit-code": run.exitCode.map(JSONValue.int) ?? .null,
      "jobs": .object(
        Dictionary(
          uniqueKeysWithValues: RecordedTask.Status.allCases.filter { $0 != .unknown }.map {
            ($0.rawValue, JSONValue.int(run.counts[$0] ?? 0))
          })),
      "scenes": .object(
        Dictionary(uniqueKeysWithValues: scenes.map { ($0.key.rawValue, JSONValue.int($0.value)) })),
      "peak-memory": run.peakMemory.map(JSONValue.int) ?? .null,
      "reason": reason.map(JSONValue.string) ?? .null,
    ]
  }
}
