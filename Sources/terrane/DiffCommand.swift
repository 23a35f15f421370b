import ArgumentParser
import Foundation
import Host
import Runs
import Settings

/// `terrane diff` says what differs between two runs.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what differs between two runs: settings, versions, scenes, jobs, scores and areas.",
    discussion: """
      A run is named by its id ('terrane log' and the names in runs/ have it), 'latest', or the path of its directory. \
      Jobs differ where their keys do, or one of them did not succeed; times are not compared.

      Exit codes: 0 said, 66 there is no such run.
      """)

  @Argument(help: ArgumentHelp("The earlier run.", valueName: "run"))
  var before: String

  @Argument(help: ArgumentHelp("The later run.", valueName: "run"))
  var after: String

  @Option(help: "The output directory in which ids are looked up.", completion: .directory)
  var output = "."

  @Flag(help: "Say it as JSON.")
  var json = false

  func run() throws {
    try CommandExit.of {
      let output = URL(fileURLWithPath: output)
      let difference = RunDifference(
        try NamedRun.record(before, below: output), try NamedRun.record(after, below: output))
      if json {
        try CommandExit.show(difference.json.pretty)
      } else {
        for line in difference.lines(width: TerminalWidth.ofOutput) {
          try CommandExit.show("\(line.visibleLine.shortened(to: 400))\n")
        }
      }
      return .success
    }
  }
}
