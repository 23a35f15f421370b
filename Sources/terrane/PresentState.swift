import Foundation
import Runs
import Settings

/// What would become of a job's files in a run now, and which of its inputs are not what they were.
struct PresentState {
  private let job: Job?
  private let state: JobState?
  /// Why it is not known; nil where it is.
  private let reason: String?
  private let recorded: [String: String]

  init(of origin: FileOrigin) {
    recorded = origin.entry.components?.inputs ?? [:]
    guard let run = (try? RunHistory(below: origin.output, last: 1))?.runs.last ?? origin.run else {
      (job, state, reason) = (nil, nil, "no record of a run is left")
      return
    }
    do {
      let plan = try RecordedPlan(of: run, below: origin.output)
      guard let job = plan.plan.jobs.first(where: { $0.id == origin.entry.job }) else {
        (self.job, state, reason) = (nil, nil, "the pipeline file has no such job now")
        return
      }
      let states = try plan.ledger.states(of: plan.plan.jobs)
      (self.job, reason) = (job, nil)
      state = zip(plan.plan.jobs, states).first { $0.0.id == job.id }?.1
    } catch {
      (job, state, reason) = (nil, nil, CommandExit.failure(error).reason)
    }
  }

  private var words: String {
    switch state {
    case .upToDate, .notNeeded: "nothing: the next run leaves it as it is"
    case .toDo(let reason): "the next run makes it anew: \(reason)"
    case .refused(let failure): "the next run cannot make it: \(failure.reason)"
    case nil: "is not known: \(reason ?? "")"
    }
  }

  private var changedInputs: [(part: String, now: String)] {
    (job?.components.inputs ?? [:]).sorted { $0.key < $1.key }.filter { recorded[$0.key] != $0.value }
      .map { ($0.key, $0.value) }
  }

  /// The state in lines for people.
  var lines: [String] {
    [FileOrigin.line("changed", words)]
      + changedInputs.map {
        FileOrigin.line(
          "", "\($0.part) was \(recorded[$0.part]?.prefix(16) ?? "none"), is \($0.now.prefix(16))")
      }
  }

  /// The state in a word for programs.
  private var word: String {
    switch state {
    case .upToDate, .notNeeded: "up-to-date"
    case .toDo: "to-do"
    case .refused: "refused"
    case nil: "unknown"
    }
  }

  /// The state as JSON.
  var json: JSONValue {
    [
      "state": .string(word), "words": .string(words),
      "inputs": .object((job?.components.inputs ?? [:]).mapValues(JSONValue.string)),
    ]
  }
}
