import ArgumentParser
import Foundation
import Pipelines

/// How a command ends: the one place where errors become text on stderr and an exit code.
enum Ending {
  /// The most lines that a quiet run writes when it fails: cron mails them.
  static let quietLines = 20

  /// Runs the body of a command.
  static func of(isQuiet: Bool = false, _ body: () throws -> Pipelines.ExitCode) throws {
    let code: Pipelines.ExitCode
    do {
      code = try body()
    } catch let error as PipelineFileError {
      let hint = "terrane: and more; 'terrane validate' shows all"
      say(isQuiet ? shortened(error.description, to: quietLines, hint: hint) : error.description)
      code = error.exitCode
    } catch is RunCancelled {
      code = .signal(Signals.cancellation.signalNumber ?? SIGTERM)
    } catch {
      let failure = failure(error)
      say("terrane: \(failure.reason)")
      code = failure.exitCode
    }
    if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
  }

  /// An error as a reason and an exit code.
  static func failure(_ error: any Error) -> TaskFailure {
    if let failure = error as? TaskFailure { return failure }
    if let coded = error as? any ExitCoded { return TaskFailure("\(coded)", exitCode: coded.exitCode) }
    return Composition.classify(error)
  }

  /// Writes a line to stderr.
  static func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Writes to stdout, at once and whole.
  static func show(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  private static func shortened(_ text: String, to limit: Int, hint: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.count <= limit { return text }
    return (lines.prefix(limit - 1) + [hint[...]]).joined(separator: "\n")
  }
}
