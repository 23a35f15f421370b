import ArgumentParser
import Foundation
import Host
import Pipelines
import Runs

/// The end of a command: the one place where errors become text on stderr and an exit code.
enum CommandExit {
  /// The most lines that a quiet run writes when it fails: cron mails them.
  static let quietLines = 20

  /// Runs the body of a command.
  ///
  /// - Parameter ended: called with the code that the process will end with.
  static func of(
    isQuiet: Bool = false, ended: (Int32) -> Void = { _ in }, _ body: () throws -> Runs.ExitCode
  ) throws {
    let code: Runs.ExitCode
    do {
      code = try body()
    } catch let error as PipelineFileError {
      let hint = "terrane: and more; 'terrane validate' shows all"
      say(isQuiet ? shortened(error.description, to: quietLines, hint: hint) : error.description)
      code = error.exitCode
    } catch let error as SystemError where error.isBrokenPipe {
      code = unwritten(error)
    } catch is RunCancelled {
      code = .signal(Signals.cancellation.signalNumber ?? SIGTERM)
    } catch {
      let failure = failure(error)
      say("terrane: \(failure.reason.visibleLine)")
      code = failure.exitCode
    }
    ended(code.rawValue)
    if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
  }

  /// Returns an error as a reason and an exit code.
  static func failure(_ error: any Error) -> RunFailure {
    RunFailure(of: error, otherwise: CompositionRoot.classify)
  }

  /// The most characters of a line on stderr: what others wrote may be megabytes, and cron mails it.
  private static let longestLine = 4_000

  /// Writes a line, or several, to stderr. Where that cannot be written there is nobody to tell.
  static func say(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.map { String($0).shortened(to: longestLine) }.joined(separator: "\n")
    try? StandardStream.error.write(shown + "\n")
  }

  /// Writes what was asked for to stdout, at once and whole.
  ///
  /// - Throws: `SystemError` with the system's reason.
  static func show(_ text: String) throws(SystemError) { try StandardStream.output.write(text) }

  /// Returns the exit code of a command whose text could not be written, and says so; quietly where the
  /// reader had enough of it.
  static func code(ofUnwritten error: SystemError) -> Int32 { unwritten(error).rawValue }

  private static func unwritten(_ error: SystemError) -> Runs.ExitCode {
    if error.isBrokenPipe { return .signal(SIGPIPE) }
    say("terrane: \(error)")
    return .inputOutput
  }

  private static func shortened(_ text: String, to limit: Int, hint: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.count <= limit { return text }
    return (lines.prefix(limit - 1) + [hint[...]]).joined(separator: "\n")
  }
}
