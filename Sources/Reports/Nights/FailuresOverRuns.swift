import Foundation
import Runs

/// What failed over many runs: each failure once, with the runs that it cost.
struct FailuresOverRuns {
  let runs: [RecordedRun]

  private struct Failure: Hashable {
    let subject, stage, reason: String
  }

  var html: HTML {
    var order: [Failure] = []
    var seen: [Failure: [RecordedRun]] = [:]
    for run in runs.reversed() {
      for failure in Self.failures(of: run) {
        if seen[failure] == nil { order.append(failure) }
        seen[failure, default: []].append(run)
      }
    }
    let table = PageTable(
      caption: "Failures, the newest first",
      columns: [
        .init("Subject"), .init("Stage"), .init("Reason"), .init("Runs", isNumber: true), .init("First"),
        .init("Last"), .init("State"),
      ],
      rows: order.map { failure in
        let runs = seen[failure]!
        let isOpen = runs.first?.id == self.runs.last?.id
        return [
          .init(.name(failure.subject), value: failure.subject), .init(.text(failure.stage)),
          .init(sentence: failure.reason),
          .init(number: Double(runs.count)) { ShownNumber.decimal($0) }, Self.day(of: runs.last),
          Self.day(of: runs.first),
          .init(
            isOpen ? .mark("open", tone: "bad") : .mark("past", tone: "plain"), value: isOpen ? "0" : "1"),
        ]
      }, id: "failure-table")
    return .section("What failed", id: "failures", [table.html])
  }

  private static func failures(of run: RecordedRun) -> [Failure] {
    if case .brokenOff(let reason) = run.state {
      return [Failure(subject: run.name, stage: "the run itself", reason: reason)]
    }
    return run.failures.map {
      Failure(subject: $0.subject, stage: $0.stage, reason: $0.failure?.reason ?? "no reason is recorded")
    }
  }

  private static func day(of run: RecordedRun?) -> PageTable.Cell {
    .init(moment: run?.began.map(Curves.day) ?? run?.id ?? "")
  }
}
