import ArgumentParser
import Foundation
import Host
import Runs
import Settings

/// `terrane status` says whether a run is going on, how far it is, how the last one ended and what is stale.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say whether a run is going on, how far it is, how the last one ended and what is stale.",
    discussion: """
      Takes no lock. What is stale is found as 'terrane run --dry-run' does, with the pipeline file and the arguments of \
      the newest run; --quick leaves that out.

      Exit codes: 0 said, 66 there is no record of a run.
      """)

  @Argument(help: "The output directory of a pipeline file.", completion: .directory)
  var output: String

  @Flag(help: "Leave out what is stale, for which scenes are listed and the pipeline is planned.")
  var quick = false

  @Flag(help: "Say it as JSON.")
  var json = false

  func run() throws {
    try CommandExit.of {
      let state = try OutputState(of: URL(fileURLWithPath: output))
      let stale = quick ? nil : StaleJobs(state.running ?? state.last, below: state.output)
      if json {
        var members = state.json
        members["stale"] = stale?.json ?? .null
        members["stale-unknown"] = stale?.reason.map(JSONValue.string) ?? .null
        try CommandExit.show(JSONValue.object(members).pretty)
      } else {
        let name = (state.running ?? state.last)?.name ?? ""
        let head = name.isEmpty ? state.output.path : "\(name): \(state.output.path)"
        for line in [head] + state.lines() + (stale?.lines ?? []) {
          try CommandExit.show("\(line.visibleLine)\n")
        }
      }
      return .success
    }
  }
}
