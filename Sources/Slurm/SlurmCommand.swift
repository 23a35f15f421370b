import Foundation
import Host
import Synchronization

/// What a cluster is asked: Slurm's programs, or what stands for them in tests.
package protocol SlurmPrograms: Sendable {
  /// Calls a program and waits for its end.
  ///
  /// - Throws: `SlurmFailure` where it is not installed, or has not ended in time.
  func call(_ program: String, _ arguments: [String]) throws(SlurmFailure) -> SlurmCommand.Result
}

/// The programs of Slurm as they are called: with a time limit, because `sbatch` and `squeue` wait for
/// minutes where the controller does not answer, and without what an enclosing job has put into the
/// environment.
package struct SlurmCommand: SlurmPrograms {
  /// The result of a call.
  package struct Result: Sendable {
    package let status: Int32
    package let output: String
    package let error: String

    package init(status: Int32 = 0, output: String = "", error: String = "") {
      (self.status, self.output, self.error) = (status, output, error)
    }
  }

  /// Seconds after which a call is given up.
  private let limit: Double

  /// Creates calls that are given up after `limit` seconds.
  package init(limit: Double = 30) { self.limit = limit }

  /// Calls a program and waits for its end.
  ///
  /// - Throws: `SlurmFailure` where it is not installed, cannot be started, or has not ended in time.
  package func call(_ program: String, _ arguments: [String]) throws(SlurmFailure) -> Result {
    guard let path = Self.path(of: program) else { throw .notInstalled(program) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.filter { Self.isHandedOn($0.key) }
    process.standardInput = FileHandle.nullDevice
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    do { try process.run() } catch {
      throw .refused(program, words: SystemError(foundation: error)?.reason ?? "\(error)")
    }
    let isLate = Atomic(false)
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + limit)
    timer.setEventHandler {
      isLate.store(true, ordering: .relaxed)
      kill(process.processIdentifier, SIGKILL)
    }
    timer.resume()
    // Both streams are read at once: either may fill its pipe while the other is waited for.
    let told = Mutex(Data())
    let reading = Thread { told.withLock { $0 = error.fileHandleForReading.readDataToEndOfFile() } }
    reading.start()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    timer.cancel()
    while !reading.isFinished { usleep(1000) }
    let words = told.withLock { String(decoding: $0, as: UTF8.self) }.trimmingCharacters(
      in: .whitespacesAndNewlines)
    if isLate.load(ordering: .relaxed) { throw .noAnswer(program, seconds: limit, words: words) }
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self), error: words)
  }

  /// Returns the path of a program on `PATH`, where cron's is the shortest there is.
  private static func path(of program: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return (path.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/bin", "/opt/slurm/bin"])
      .lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// What an enclosing job says of itself would count for the jobs that it submits.
  private static func isHandedOn(_ name: String) -> Bool {
    name == "SLURM_CONF" || !["SLURM", "SBATCH", "SQUEUE"].contains { name.hasPrefix($0) }
  }
}
