import Foundation
import Runs

/// The job of a cluster that plans a run, submits its arrays and waits for them, where nobody stays to do so.
public struct SlurmCoordinator: Sendable {
  private let settings: SlurmSettings
  private let output: URL
  private let command: any SlurmPrograms

  /// Creates the coordinator of the runs below an output directory.
  public init(_ settings: SlurmSettings, output: URL) {
    self.init(settings, output: output, asking: SlurmCommand())
  }

  /// Creates a coordinator that asks `command`.
  package init(_ settings: SlurmSettings, output: URL, asking command: any SlurmPrograms) {
    (self.settings, self.output, self.command) = (settings, output, command)
  }

  /// The name of the job, the same for every run below the directory.
  public var name: String { "terrane-\(SHA256.hexadecimal(of: output.path).prefix(12))" }

  /// Submits a run, which waits for its own arrays.
  ///
  /// - Parameter words: the command.
  /// - Returns: the number of the job.
  /// - Throws: `SlurmFailure`, exit 75 where a coordinator of the directory is in the queue, or the
  ///   controller does not answer for now.
  public func submit(_ words: [String]) throws -> String {
    let controller = SlurmController(command, patience: 0, say: { _ in })
    if let other = try controller.queue(named: [name])?.active.first {
      throw SlurmFailure.isQueued(job: other.job)
    }
    let log = Submission.directory(below: output)
    try DurableFiles.makeDirectory(log)
    let script = "exec " + words.map(WorkerCommandLine.quoted).joined(separator: " ")
    let longest = SlurmLimits.longestTime(of: settings.partition, by: command)
    let arguments = [
      "--parsable", "--job-name=\(name)", "--ntasks=1", "--cpus-per-task=1", "--requeue",
      "--output=\(log.path)/coordinator-%j.log", "--open-mode=append", "--chdir=\(output.path)",
    ]
    return try controller.submit(
      arguments + settings.coordinatorArguments(longest: longest) + ["--wrap=\(script)"])
  }
}
