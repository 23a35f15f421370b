import Runs

/// The stages of a run: how many tasks each had, how they ended, and where the time went.
struct StagesSection {
  let run: RecordedRun

  var html: HTML {
    let total = max(run.stages.reduce(0) { $0 + $1.seconds }, .leastNonzeroMagnitude)
    let rows = run.stages.map { stage -> [PageTable.Cell] in
      let counts = stage.tasks.reduce(into: [RecordedTask.Status: Int]()) { $0[$1.status, default: 0] += 1 }
      func count(_ statuses: RecordedTask.Status...) -> PageTable.Cell {
        .init(number: Double(statuses.reduce(0) { $0 + counts[$1, default: 0] })) { ShownNumber.decimal($0) }
      }
      return [
        .init(.name(stage.label)), count(.done), count(.upToDate), count(.failed, .blocked),
        count(.notReached), .init(Bars.bar(stage.seconds / total)),
        .init(number: stage.seconds, ShownNumber.duration),
      ]
    }
    let table = PageTable(
      caption: "Tasks and time of each stage",
      columns: [
        .init("Stage"), .init("New", isNumber: true), .init("Reused", isNumber: true),
        .init("Failed or blocked", isNumber: true), .init("Not reached", isNumber: true),
        .init("Share of the time"),
        .init("Time", isNumber: true),
      ], rows: rows)
    return .section("Stages", id: "stages", [table.html, slowest])
  }

  /// The tasks that took longest.
  private var slowest: HTML {
    let done = run.tasks.filter { $0.seconds >= 0.05 }.sorted { $0.seconds > $1.seconds }
    guard done.count > 3 else { return .nothing }
    let table = PageTable(
      caption: "The tasks that took longest",
      columns: [.init("Task"), .init("Stage"), .init("State"), .init("Time", isNumber: true)],
      rows: done.prefix(10).map { task in
        let (words, tone) = task.status.shown
        return [
          .init(.name(task.subject)), .init(.text(task.stage)), .init(.mark(words, tone: tone.rawValue)),
          .init(number: task.seconds, ShownNumber.duration),
        ]
      })
    return .details("The tasks that took longest", [table.html])
  }
}

/// What tasks warn of, those of this run first.
struct NotesSection {
  let run: RecordedRun

  /// The most notes that are shown.
  private static let most = 200

  var html: HTML {
    let tasks = run.tasks.filter { $0.status == .done } + run.tasks.filter { $0.status == .upToDate }
    let notes = tasks.flatMap { task in task.warnings.map { (task, $0) } }
    let rest = notes.count - Self.most
    let table = PageTable(
      caption: "Notes of the tasks",
      columns: [.init("Subject"), .init("Stage"), .init("State"), .init("Note")],
      rows: notes.prefix(Self.most).map { task, note in
        let (words, tone) = task.status.shown
        return [
          .init(.name(task.subject), value: task.subject), .init(.text(task.stage)),
          .init(.mark(words, tone: tone.rawValue), value: words), .init(sentence: note),
        ]
      }, id: "note-table")
    return .section(
      "Notes", id: "notes",
      notes.isEmpty
        ? []
        : [table.html, rest > 0 ? .note("And \(rest) more: summary.json lists them.") : .nothing])
  }
}
