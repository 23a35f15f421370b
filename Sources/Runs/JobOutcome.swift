/// The way in which a job ended in a run.
public struct JobOutcome: Sendable {
  /// The ends that there are.
  public enum Status: Sendable, Hashable {
    /// Done in this run.
    case done
    /// The job had nothing to do: it was done before under the same key.
    case upToDate
    /// The job failed; its scene is in quarantine until the scene or the settings change.
    case failed(RunFailure)
    /// The job was not begun, because the job of this id, on which it depends, did not succeed.
    case blocked(by: String)
    /// The job was not begun or not finished, because the run was asked to end, its deadline came or the
    /// disk is full; or because a job on which it depends was not reached.
    case notReached

    /// Whether the job's files are in place.
    public var isSuccess: Bool { self == .done || self == .upToDate }

    /// The word for summaries.
    public var word: String {
      switch self {
      case .done: "done"
      case .upToDate: "up-to-date"
      case .failed: "failed"
      case .blocked: "blocked"
      case .notReached: "not-reached"
      }
    }
  }

  /// The job.
  public let job: Job
  /// The status of the job at its end.
  public let status: Status
  /// The duration of the job in this run, in seconds.
  public let seconds: Double
  /// The output of the job, from this run or an earlier one; nil where it did not succeed.
  public let output: JobOutput?

  package init(job: Job, status: Status, seconds: Double, output: JobOutput?) {
    (self.job, self.status, self.seconds, self.output) = (job, status, seconds, output)
  }

  /// Creates the outcome of a job that failed elsewhere.
  package init(job: Job, failure: RunFailure, seconds: Double = 0) {
    self.init(job: job, status: .failed(failure), seconds: seconds, output: nil)
  }
}

/// The outcomes of a run.
public struct RunReport: Sendable {
  /// The outcome of every job of the plan, in the plan's order.
  public let outcomes: [JobOutcome]
  /// The outcome of what followed from all jobs; nil where nothing was to be done.
  public let conclusion: JobOutcome?
  /// The exit code of the process.
  public let exitCode: ExitCode

  package init(outcomes: [JobOutcome], conclusion: JobOutcome? = nil, exitCode: ExitCode) {
    (self.outcomes, self.conclusion, self.exitCode) = (outcomes, conclusion, exitCode)
  }

  /// The outcomes of failed jobs.
  public var failures: [(job: Job, failure: RunFailure)] {
    (outcomes + [conclusion].compactMap(\.self)).compactMap { outcome in
      if case .failed(let failure) = outcome.status { (outcome.job, failure) } else { nil }
    }
  }

  /// Returns whether any job of the last stage has its files in place: the run has something to show.
  public static func hasProducts(_ outcomes: [JobOutcome]) -> Bool {
    guard let last = outcomes.last?.job.stage else { return false }
    return outcomes.contains { $0.job.stage == last && $0.status.isSuccess }
  }
}
