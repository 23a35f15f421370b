import Foundation
import Settings

/// The state of an output directory: whether a run is going on, how far it is, and how the last one ended.
package struct OutputState: Sendable {
  /// The directory.
  package let output: URL
  /// The process that holds the lock; nil where none does.
  package let holder: RunHolder?
  /// The run that is going on; nil where none is.
  package let running: RecordedRun?
  /// The jobs that it is at.
  package let work: [JobAtWork]
  /// The newest run that is not going on; nil where there was none.
  package let last: RecordedRun?

  /// The newest records that are looked at.
  private static let newest = 3

  /// Looks at a directory, without its lock.
  ///
  /// - Throws: `AskingFailure.noOutput` where no run was ever there; `SystemError` where it cannot be listed.
  package init(of output: URL) throws {
    self.output = output
    guard FileStatus(output.path)?.isDirectory == true,
      Ledger.isThere(below: output) || FileStatus(output.appendingPathComponent("runs").path) != nil
    else {
      throw AskingFailure.noOutput(output.path)
    }
    let runs = try RunHistory(below: output, last: Self.newest).runs
    holder = RunHolder(of: output, isExpected: runs.last?.state == .running)
    let current = holder?.name
    running =
      holder == nil
      ? nil : runs.last { $0.id == current } ?? runs.last { $0.state == .running && current == nil }
    work = running.map(JobAtWork.all) ?? []
    let id = running?.id
    last = runs.last { $0.id != id }
  }

  /// The state in lines for people.
  ///
  /// - Parameter now: the time of asking.
  package func lines(now: Date = Date()) -> [String] {
    var lines: [String] = []
    if let running {
      let time =
        running.began.map { "since \(Timestamp.local($0)), \(Elapsed.text(now.timeIntervalSince($0)))" } ?? ""
      let process = holder?.process.map { ", process \($0)" } ?? ", on another machine"
      lines.append("running   \(time)\(process)")
      lines.append("          run \(running.id)")
      for job in work.prefix(4) {
        lines.append("at work   \(job.id)")
        if !job.words.isEmpty { lines.append("          \(job.words)") }
      }
      if work.count > 4 { lines.append("          and \(work.count - 4) more jobs") }
      if work.isEmpty { lines.append("at work   no job yet: inputs are read and planned") }
    } else if let holder {
      let who = holder.name == "verify" ? "'terrane verify' reads everything" : "a run begins"
      lines.append("held      \(who)" + (holder.process.map { ", process \($0)" } ?? ""))
    } else {
      lines.append("idle      no run is going on")
    }
    if let last {
      lines += Self.lines(on: last)
    } else if running == nil {
      lines.append("last      no run is recorded")
    }
    return lines
  }

  private static func lines(on run: RecordedRun) -> [String] {
    let began = run.began.map(Timestamp.local) ?? run.id
    let took = run.seconds.map { ", took \(Elapsed.text($0))" } ?? ""
    let counts = run.counts
    func count(_ status: RecordedTask.Status) -> Int { counts[status] ?? 0 }
    switch run.state {
    case .running:
      return ["last      \(began), was killed before it could say how it ended", "          run \(run.id)"]
    case .brokenOff(let reason):
      let code = run.exitCode.map { " with \($0)" } ?? ""
      return ["last      \(began), broke off\(code)\(took)", "          \(reason)"]
    case .finished:
      var words = [
        "\(count(.done)) done", "\(count(.upToDate)) up to date",
        count(.failed) > 0 ? "\(count(.failed)) failed" : nil,
        count(.blocked) > 0 ? "\(count(.blocked)) blocked" : nil,
        count(.notReached) > 0 ? "\(count(.notReached)) not reached" : nil,
      ].compactMap(\.self)
      words[0] = "jobs: " + words[0]
      var lines = [
        "last      \(began)\(took), exit code \(run.exitCode.map { "\($0)" } ?? "not recorded")",
        "          \(words.joined(separator: ", "))",
      ]
      if let first = run.failures.first {
        lines.append("          \(first.id): \(first.failure?.reason ?? "failed")")
      }
      return lines
    }
  }

  /// The state as JSON.
  package var json: [String: JSONValue] {
    [
      "output": .string(output.path),
      "state": .string(running != nil ? "running" : holder != nil ? "held" : "idle"),
      "holder": holder.map { holder in
        [
          "process": holder.process.map(JSONValue.int) ?? .null,
          "run": holder.name.map(JSONValue.string) ?? .null,
          "began": running?.began.map { .string(Timestamp.iso($0)) } ?? .null,
        ]
      } ?? .null,
      "work": .array(work.map(\.json)), "last": last.map { RunRow($0, isRunning: false).json } ?? .null,
    ]
  }
}
