import Foundation
import Host
import Numerics

/// The processes beside the first of several that share trainings: they do what the first one does, without
/// locks, records or files of their own, because a training needs all of them at each step.
public struct HelpingHands {
  private let output: URL
  private let runID: String
  private let threads: Int
  private let cancellation: Cancellation
  private let ledger: Ledger
  private let ranks: any Ranks
  /// Seconds that a process which cannot go on leaves the first one to end the job.
  private static let patience = 30.0

  /// Creates the hands of a worker elsewhere.
  public init(
    output: URL, runID: String, threads: Int, cancellation: Cancellation, ledger: Ledger, ranks: any Ranks
  ) {
    (self.output, self.runID, self.threads) = (output, runID, threads)
    (self.cancellation, self.ledger, self.ranks) = (cancellation, ledger, ranks)
  }

  /// Tells the other processes that the first one begins a job, and waits until they have seen what is kept
  /// of it.
  static func call(_ ranks: any Ranks, for job: Job) {
    guard !ranks.isAlone, job.takesAllThreads else { return }
    _ = ranks.gather([name(of: job)])
    _ = ranks.gather([0])
  }

  /// Tells the other processes that the first one does not begin a job.
  static func callOff(_ ranks: any Ranks, for job: Job) {
    guard !ranks.isAlone, job.takesAllThreads else { return }
    _ = ranks.gather([0])
  }

  /// The first digits of the job's key as a number that a `Double` holds; never 0 but by chance.
  private static func name(of job: Job) -> Double { Int(job.key.prefix(12), radix: 16).map(Double.init) ?? 1 }

  /// Helps with those jobs of a plan that the first process begins.
  public func help(with addresses: [Worker.Address], of plan: Plan) {
    let wanted = Set(addresses.map(\.id))
    let jobs = Dictionary(uniqueKeysWithValues: plan.jobs.map { ($0.id, $0) })
    for job in plan.jobs where wanted.contains(job.id) && job.takesAllThreads {
      let told = ranks.gather([0])[0][0]
      guard told != 0 else { continue }
      do {
        guard told == Self.name(of: job) else {
          throw WorkerFailure.otherKey(own: job.key, told: String(Int(told), radix: 16))
        }
        try help(with: job, of: jobs)
      } catch {
        guard error is RunCancelled || cancellation.isCancelled else {
          let failure = RunFailure(classifying: error)
          try? StandardStream.error.write(
            "process \(ranks.own): \(job.id): \(failure.reason)".visibleLine + "\n")
          // What fails here fails in the first process as well, which ends all once its outcome says so.
          Thread.sleep(forTimeInterval: Self.patience)
          ranks.abort(code: failure.exitCode.rawValue)
        }
      }
    }
  }

  private func help(with job: Job, of jobs: [String: Job]) throws {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-rank-\(runID)-\(ranks.own)")
    try DurableFiles.makeDirectory(scratch.appendingPathComponent("files"))
    defer { try? FileManager.default.removeItem(at: scratch) }
    let unfinished = scratch.appendingPathComponent("unfinished")
    // What the first process keeps from now on is not seen here: all go on from the same place.
    let kept = job.unfinishedWork(below: output)
    if FileStatus(kept.path) != nil { try FileManager.default.copyItem(at: kept, to: unfinished) }
    _ = ranks.gather([0])
    let inputs = try job.dependencies.compactMap { jobs[$0] }.map { dependency in
      try ledger.reload(dependency)
      guard let entry = ledger.entry(job: dependency.id, key: dependency.key) else {
        throw WorkerFailure.tooEarly(dependency: dependency.id)
      }
      return entry.output
    }
    _ = try job.action(
      JobContext(
        of: job, directory: scratch.appendingPathComponent("files"), output: output, unfinished: unfinished,
        runID: runID, threads: threads, inputs: inputs, progress: JobProgress(), cancellation: cancellation))
  }
}
