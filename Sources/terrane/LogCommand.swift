import ArgumentParser
import Foundation
import Host
import Runs
import Settings

/// `terrane log` lists the runs of an output directory.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "List the runs of an output directory: when, how long, how they ended, and what failed first.",
    discussion: """
      Times are those of this machine's zone; --json has them in UTC. Records are kept for 30 days, the newest 100 in any \
      case.

      Exit codes: 0 listed, 66 there is no record of a run.
      """)

  @Argument(help: "The output directory of a pipeline file.", completion: .directory)
  var output: String

  @Option(help: "How many of the newest runs are listed.")
  var last = 20

  @Flag(help: "List them as JSON.")
  var json = false

  func validate() throws {
    if last < 1 { throw ValidationError("--last must be at least 1") }
  }

  func run() throws {
    try CommandExit.of {
      let url = URL(fileURLWithPath: output)
      let running = try OutputState(of: url).running?.id
      let history = try RunHistory(below: url, last: last)
      let rows = history.runs.map { RunRow($0, isRunning: $0.id == running) }
      if json {
        try CommandExit.show(JSONValue.array(rows.map(\.json)).pretty)
      } else {
        for line in RunRow.table(rows, width: TerminalWidth.ofOutput) { try CommandExit.show("\(line)\n") }
      }
      for run in history.unreadable {
        CommandExit.say("terrane: run \(run.id) is left out: \(run.reason.visibleLine)")
      }
      return .success
    }
  }
}
