import Runs

/// How something ended, as pages colour it.
package enum Tone: String, Sendable {
  case good, bad, warn, wait, plain
}

/// How a run ended, in words.
package struct Outcome: Sendable {
  /// The end in a word or two.
  package let word: String
  /// A sentence for people.
  package let sentence: String
  /// The colour that goes with it.
  package let tone: Tone

  /// Reads how a run ended from its record.
  package init(of run: RecordedRun) {
    switch run.state {
    case .running:
      word = "running or killed"
      (sentence, tone) = ("The run has not ended, or was killed before it could say so.", .wait)
    case .brokenOff(let reason):
      word = "broken off"
      (sentence, tone) = ("The run broke off: \(reason)", .bad)
    case .finished:
      let counts = run.counts
      let done = counts[.done, default: 0]
      let failed = counts[.failed, default: 0] + counts[.blocked, default: 0]
      let open = counts[.notReached, default: 0]
      var parts = [
        done == 0 ? "Nothing was new" : "\(ShownNumber.count(done, "task was", "tasks were")) carried out"
      ]
      if failed > 0 { parts.append("\(ShownNumber.decimal(Double(failed))) failed or could not begin") }
      if open > 0 { parts.append("\(ShownNumber.decimal(Double(open))) were not reached") }
      word =
        failed > 0
        ? "finished with failures"
        : run.exitCode == 0
          ? "finished"
          : open > 0 ? "cut short" : run.exitCode.map { "ended early (exit \($0))" } ?? "finished"
      sentence = parts.joined(separator: ", ") + "."
      tone = failed > 0 ? .bad : open > 0 ? .warn : run.exitCode == 0 ? .good : .warn
    }
  }

  /// What an exit code means, in a few words; the same as `terrane run --help` says.
  package static func words(ofExitCode code: Int) -> String {
    switch code {
    case 0: "done, or nothing to do"
    case 3: "some scenes failed, the others were mapped"
    case 64: "wrong command line"
    case 65: "bad data"
    case 66: "no input"
    case 69: "this machine lacks something"
    case 70: "a bug in terrane"
    case 73: "the output cannot be created"
    case 74: "reading or writing failed"
    case 75: "try later"
    case 78: "wrong pipeline file"
    case 129...: "ended by signal \(code - 128)"
    default: "unknown"
    }
  }

  /// The colour of an exit code.
  package static func tone(ofExitCode code: Int) -> Tone {
    switch code {
    case 0: .good
    case 3, 75: .warn
    default: .bad
    }
  }
}

extension RecordedTask.Status {
  /// The word and colour for people.
  package var shown: (words: String, tone: Tone) {
    switch self {
    case .done: ("new", .good)
    case .upToDate: ("reused", .plain)
    case .failed: ("failed", .bad)
    case .blocked: ("blocked", .bad)
    case .notReached: ("not reached", .warn)
    case .unknown: ("unknown", .plain)
    }
  }
}

extension SceneRecord.Status {
  /// The word and colour for people.
  package var shown: (words: String, tone: Tone) {
    switch self {
    case .done: ("done", .good)
    case .upToDate: ("done before", .plain)
    case .quarantined: ("failed", .bad)
    case .blocked: ("blocked", .bad)
    case .notReached: ("not reached", .warn)
    case .arriving: ("arriving", .wait)
    case .unused: ("not used", .plain)
    case .unknown: ("unknown", .plain)
    }
  }
}
