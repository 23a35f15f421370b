import Foundation
import Runs

/// The head of a run's page: what it was, how it ended, and how much of it there is.
struct RunHeader {
  let run: RecordedRun
  /// The sections that the page has, with the names of their places.
  let sections: [(id: String, title: String)]

  var html: HTML {
    let outcome = Outcome(of: run)
    return .element(
      "header", [:],
      [
        .element("p", class: "over", ["terrane \u{00B7} run of a pipeline"]),
        .element("h1", [:], [.name(run.name.isEmpty ? run.id : run.name)]),
        .element(
          "p", class: "lead",
          [.mark(outcome.word, tone: outcome.tone.rawValue), " ", .text(outcome.sentence)]),
        .facts(facts), tiles, .navigation(sections),
      ])
  }

  private var facts: [(name: String, value: HTML)] {
    var facts: [(name: String, value: HTML)] = []
    if let began = run.began { facts.append(("Began", .text(ShownNumber.moment(began)))) }
    if let seconds = run.seconds { facts.append(("Took", .text(ShownNumber.duration(seconds)))) }
    if let code = run.exitCode {
      facts.append(("Exit code", .text("\(code): \(Outcome.words(ofExitCode: code))")))
    }
    if let bytes = run.peakMemory { facts.append(("Peak memory", .text(ShownNumber.bytes(Double(bytes))))) }
    facts.append(("Run", .element("span", ["class": "mono"], [.text(run.id)])))
    return facts
  }

  private var tiles: HTML {
    guard run.state == .finished else { return .nothing }
    let counts = run.counts
    let scenes = run.scenes.reduce(into: [SceneRecord.Status: Int]()) { $0[$1.status, default: 0] += 1 }
    let warnings = run.tasks.filter { $0.status == .done }.reduce(0) { $0 + $1.warnings.count }
    let tiles: [(count: Int, words: String, tone: Tone, isAlways: Bool)] = [
      (counts[.done, default: 0], "tasks carried out", .good, true),
      (counts[.upToDate, default: 0], "tasks reused", .plain, true),
      (counts[.failed, default: 0], "tasks failed", .bad, true),
      (counts[.blocked, default: 0], "tasks blocked by a failure", .bad, false),
      (counts[.notReached, default: 0], "tasks not reached", .warn, false),
      (run.scenes.count, run.scenes.count == 1 ? "scene" : "scenes", .plain, true),
      (scenes[.arriving, default: 0], "scenes still arriving", .wait, false),
      (run.leftOut.count, run.leftOut.count == 1 ? "entry left out" : "entries left out", .plain, false),
      (warnings, warnings == 1 ? "new note" : "new notes", .warn, false),
    ]
    return .tiles(
      tiles.filter { $0.isAlways || $0.count > 0 }.map { ($0.count, $0.words, $0.tone) },
      label: "The run in numbers")
  }
}
