import Foundation
import Host

/// What workers leave for the run that has started them: a file a job, `outcomes/<digits>.json`, with how it
/// ended. The ledger says what is done; these say what failed, and why.
public struct OutcomeFiles: Sendable {
  /// The end of a job, as its worker saw it.
  public struct Outcome: Sendable, Codable {
    /// The job's id.
    public let task: String
    /// The job's key.
    public let key: String
    /// The word of its status.
    public let status: String
    /// How long it took.
    public let seconds: Double
    /// Why it failed; nil where it did not.
    public let reason: String?
    private let code: Int32?

    private enum CodingKeys: String, CodingKey {
      case task, key, status, seconds, reason
      case code = "exit-code"
    }

    init(_ outcome: JobOutcome) {
      (task, key, status) = (outcome.job.id, outcome.job.key, outcome.status.word)
      seconds = outcome.seconds
      guard case .failed(let failure) = outcome.status else {
        (reason, code) = (nil, nil)
        return
      }
      (reason, code) = (failure.reason, failure.exitCode.rawValue)
    }

    init(_ failure: RunFailure, of address: Worker.Address) {
      (task, key, status, seconds) = (address.id, address.key ?? "", Self.ofAnotherPlan, 0)
      (reason, code) = (failure.reason, failure.exitCode.rawValue)
    }

    private static let ofAnotherPlan = "of-another-plan"

    /// Whether the worker has planned no such job, or the job under another key.
    public var isOfAnotherPlan: Bool { status == Self.ofAnotherPlan }

    /// Whether the job's files are in place.
    public var isDone: Bool { reason == nil && ["done", "up-to-date"].contains(status) }

    /// The failure; nil where the job did not fail.
    public var failure: RunFailure? {
      reason.map { RunFailure($0, exitCode: code.flatMap(ExitCode.init(rawValue:)) ?? .bug) }
    }
  }

  private let directory: URL

  /// Creates the files below the directory of a run's submissions.
  public init(in directory: URL) { self.directory = directory.appendingPathComponent("outcomes") }

  /// Leaves how a job ended, in the place of what was left of it before.
  ///
  /// - Throws: `SystemError`.
  public func leave(_ outcome: JobOutcome) throws {
    try leave(Outcome(outcome))
  }

  /// Leaves why a worker did not begin a job that is none of its plan's, under the id and key that it was
  /// told.
  ///
  /// - Throws: `SystemError`.
  public func leave(_ failure: WorkerFailure, of address: Worker.Address) throws {
    try leave(Outcome(RunFailure(failure), of: address))
  }

  private func leave(_ outcome: Outcome) throws {
    try DurableFiles.makeDirectory(directory)
    try DurableFiles.write(try JSONEncoder().encode(outcome), to: url(outcome.task))
  }

  private func url(_ job: String) -> URL {
    directory.appendingPathComponent("\(SHA256.hexadecimal(of: job).prefix(32)).json")
  }

  /// Removes what was left of a job.
  public func forget(_ job: Job) { try? DurableFiles.remove(url(job.id)) }

  /// Reads what was left, by job; what cannot be read is passed over.
  public func read() -> [String: Outcome] {
    let names = (try? DirectoryListing.names(in: directory.path)) ?? []
    let outcomes = names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.compactMap { name in
      (try? RegularFile.contents(of: directory.appendingPathComponent(name).path)).flatMap {
        try? JSONDecoder().decode(Outcome.self, from: $0)
      }
    }
    return Dictionary(outcomes.map { ($0.task, $0) }, uniquingKeysWith: { _, last in last })
  }

  /// Removes all that was left.
  public func forget() { try? FileManager.default.removeItem(at: directory) }
}
