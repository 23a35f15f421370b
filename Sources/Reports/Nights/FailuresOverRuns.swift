import Foundation
import Runs

/// What failed over many runs: each failure once, with the runs that it cost.
struct FailuresOverRuns {
  /// The runs, the newest last.
  let runs: [RecordedRun]

  private struct Failure: Hashable {
    /// What failed.
    enum Culprit: Hashable { case run, task(String), taskOfNoStage(String) }

    let culprit: Culprit
    let subject, stage, reason: String
  }

  var html: HTML {
    var order: [Failure] = []
    var seen: [Failure: [RecordedRun]] = [:]
    var past: Set<Failure> = []
    // What runs after the one that is looked at have shown.
    var later = Later()
    for run in runs.reversed() {
      for failure in Self.failures(of: run) {
        if seen[failure] == nil {
          order.append(failure)
          if later.hasMended(failure) { past.insert(failure) }
        }
        seen[failure, default: []].append(run)
      }
      later.add(run)
    }
    let table = PageTable(
      caption: "Failures, the newest first",
      columns: [
        .init("Subject"), .init("Stage"), .init("Reason"), .init("Runs", isNumber: true), .init("First"),
        .init("Last"), .init("State"),
      ],
      rows: order.map { failure in
        let runs = seen[failure]!
        let isOpen = !past.contains(failure)
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
      return [Failure(culprit: .run, subject: run.name, stage: "the run itself", reason: reason)]
    }
    let others = Set(run.otherFailures.map(\.id))
    return run.failures.map { task in
      Failure(
        culprit: others.contains(task.id) ? .taskOfNoStage(task.id) : .task(task.id), subject: task.subject,
        stage: task.stage, reason: task.failure?.reason ?? "no reason is recorded")
    }
  }

  /// What finished runs have shown to be well. That a task is not listed says nothing of it: a run may have
  /// been cut short, or about other scenes.
  private struct Later {
    private var tasks: Set<String> = []
    private var hasFinished = false
    private var hasConcluded = false

    mutating func add(_ run: RecordedRun) {
      guard run.state == .finished else { return }
      hasFinished = true
      tasks.formUnion(run.tasks.lazy.filter(\.status.isSuccess).map(\.id))
      // Tasks of no stage follow from all others and are recorded only where they fail. A run that a signal
      // or a full disk ends does not come to them.
      let isCut = run.exitCode.map { $0 == Int(ExitCode.inputOutput.rawValue) || $0 > 128 } ?? true
      if !isCut, run.otherFailures.isEmpty { hasConcluded = true }
    }

    func hasMended(_ failure: Failure) -> Bool {
      switch failure.culprit {
      case .run: hasFinished
      case .task(let id): tasks.contains(id)
      case .taskOfNoStage: hasConcluded
      }
    }
  }

  private static func day(of run: RecordedRun?) -> PageTable.Cell {
    .init(moment: run?.began.map(Curves.day) ?? run?.id ?? "")
  }
}
