import Foundation
import Runs

/// The job of a cluster that plans a run, submits its arrays and waits for them, where nobody stays to do so.
public struct SlurmCoordinator: Sendable {
  private let settings: SlurmSettings
  private let output: URL
  private let command = SlurmCommand()

  /// Creates the coordinator of the runs below an output directory.
  public init(_ settings: SlurmSettings, output: URL) { (self.settings, self.output) = (settings, output) }

  /// The name of the job, the same for every run below the directory.
  public var name: String { "terrane-\(SHA256.hexadecimal(of: output.path).prefix(12))" }

  /// Submits a run, which waits for its own arrays.
  ///
  /// - Parameter words: the command.
  /// - Returns: the number of the job.
  /// - Throws: `SlurmFailure`, exit 75 where a coordinator of the directory is in the queue.
  public func submit(_ words: [String]) throws -> String {
    if let other = try SlurmQueue(named: [name], by: command).active.first {
      throw SlurmFailure.isQueued(job: other.job)
    }
    let log = Submission.directory(below: output)
    try DurableFiles.makeDirectory(log)
    let script = "exec " + words.map(WorkerCommandLine.quoted).joined(separator: " ")
    var arguments = [
      "--parsable", "--job-name=\(name)", "--ntasks=1", "--cpus-per-task=1", "--requeue",
      "--output=\(log.path)/coordinator-%j.log", "--open-mode=append", "--chdir=\(output.path)",
    ]
    if let partition = settings.partition { arguments.append("--partition=\(partition)") }
    let result = try command.call("sbatch", arguments + settings.options + ["--wrap=\(script)"])
    guard result.status == 0 else { throw SlurmFailure.refused(result.error) }
    return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
