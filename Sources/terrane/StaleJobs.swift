import Foundation
import Host
import Numerics
import Runs
import Settings

/// The jobs of an output directory that the next run would have to do.
struct StaleJobs {
  /// Why that is not known; nil where it is.
  let reason: String?
  private let jobs: [(id: String, reason: String)]
  private let words: String

  /// The most jobs that are named.
  private static let mostNamed = 5

  /// Plans what the newest run would have to do now.
  init(_ run: RecordedRun?, below output: URL) {
    guard let run else {
      (reason, jobs, words) = ("no run is recorded", [], "")
      return
    }
    do {
      let recorded = try RecordedPlan(of: run, below: output)
      let states = try recorded.ledger.states(of: recorded.plan.jobs)
      let due = zip(recorded.plan.jobs, states).compactMap { job, state -> (job: Job, reason: String)? in
        switch state {
        case .toDo(let reason): (job, reason)
        case .refused(let failure): (job, "cannot: \(failure.reason)")
        case .upToDate, .notNeeded: nil
        }
      }
      jobs = due.map { ($0.job.id, $0.reason) }
      let threads = ComputeThreads.count
      words =
        due.isEmpty
        ? "nothing: all \(recorded.plan.jobs.count) jobs are up to date"
        : RunPreview(JobForecast(recorded.ledger, of: recorded.plan.jobs, threads: threads), threads: threads)
          .sum(of: due.map(\.job))
      reason = nil
    } catch {
      (jobs, words) = ([], "")
      reason = CommandExit.failure(error).reason
    }
  }

  /// What is stale, in lines for people.
  var lines: [String] {
    if let reason { return [FileOrigin.line("stale", "is not known: \(reason)").shortened(to: 400)] }
    let named = jobs.prefix(Self.mostNamed).map {
      FileOrigin.line("", "\($0.id): \($0.reason)").shortened(to: 200)
    }
    let rest = jobs.count - named.count
    return [FileOrigin.line("stale", words)] + named
      + (rest > 0 ? [FileOrigin.line("", "and \(rest) more")] : [])
  }

  /// The jobs as JSON; null where they are not known.
  var json: JSONValue {
    guard reason == nil else { return .null }
    return .array(jobs.map { ["task": .string($0.id), "reason": .string($0.reason)] })
  }
}
