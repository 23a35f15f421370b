import ArgumentParser
import Foundation
import Host
import Reports
import Runs

/// `terrane report` writes a page over the newest runs of an output directory.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write a page for people over many runs: how they ended, what failed, areas over time, time and memory.",
    discussion: """
      The page is one file that loads nothing from elsewhere. Each run has a page of its own as well, with pictures of \
      its products: runs/latest/report.html is the newest.

      Exit codes: 0 done, 66 there is no run, 73 or 74 the page cannot be written.
      """)

  @Argument(help: "The output directory of a pipeline file.", completion: .directory)
  var output: String

  @Option(help: "How many of the newest runs it is about.")
  var last = 30

  @Option(
    name: .customLong("to"), help: "The file to write; OUTPUT/runs/report.html without it.",
    completion: .file())
  var file: String?

  func validate() throws {
    if last < 1 { throw ValidationError("--last \(last) is not a number of runs") }
  }

  func run() throws {
    try CommandExit.of {
      let written = try ReportFile.write(
        overLast: last, below: URL(fileURLWithPath: output), to: file.map { URL(fileURLWithPath: $0) })
      try CommandExit.show("\(written.path.visibleLine)\n")
      return .success
    }
  }
}
