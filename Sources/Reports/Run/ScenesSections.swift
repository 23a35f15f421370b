import Runs

/// What failed in a run, and which scenes wait or were left out, with the reasons.
struct ScenesSections {
  let run: RecordedRun

  private static let quarantine = " What failed is tried again once its scene or its settings have changed."

  /// What failed and why; what could not begin because of it.
  var failures: HTML {
    let blocked = run.tasks.filter { $0.status == .blocked }
    let rows = run.failures.map { task -> [PageTable.Cell] in
      let waiting = blocked.count { $0.blockedBy == task.id || $0.subject == task.subject }
      return [
        .init(.name(task.subject), value: task.subject), .init(.text(task.stage)),
        .init(sentence: task.failure?.reason ?? "no reason is recorded"),
        .init(number: Double(waiting)) { ShownNumber.decimal($0) },
      ]
    }
    let table = PageTable(
      caption: "Tasks that failed",
      columns: [.init("Subject"), .init("Stage"), .init("Reason"), .init("Blocked by it", isNumber: true)],
      rows: rows, id: "failure-table")
    guard !rows.isEmpty else { return .nothing }
    return .section(
      "What failed", id: "failures",
      [
        .note(
          "Everything else went on." + (run.failures.count > run.otherFailures.count ? Self.quarantine : "")),
        table.html,
      ])
  }

  /// Scenes of which no product is new or as before.
  var scenes: HTML {
    let waiting = run.scenes.filter { ![.done, .upToDate, .quarantined].contains($0.status) }
    let table = PageTable(
      caption: "Scenes that wait or have no product",
      columns: [.init("Scene"), .init("State"), .init("Reason"), .init("Path")],
      rows: waiting.map { scene in
        let (words, tone) = scene.status.shown
        return [
          .init(.name(scene.name), value: scene.name), .init(.mark(words, tone: tone.rawValue), value: words),
          .init(sentence: scene.reason ?? "\u{2013}"), .init(Self.path(scene.path), value: scene.path),
        ]
      }, id: "scene-table")
    let others = PageTable(
      caption: "Entries of the directory of scenes that were left out",
      columns: [.init("Entry"), .init("Kind"), .init("Reason")],
      rows: run.leftOut.map { entry in
        [
          .init(Self.path(entry.path), value: entry.path),
          .init(.text(entry.kind.replacing("-", with: " "))), .init(sentence: entry.reason),
        ]
      }, id: "left-out-table")
    return .section(
      "Arriving and left out", id: "waiting",
      [run.pairing.map { .element("p", [:], [.text($0)]) } ?? .nothing, table.html, others.html])
  }

  /// Creates a path, whose directories can break over lines.
  static func path(_ path: String) -> HTML { .element("bdi", class: "mono", [.text(path)]) }
}
