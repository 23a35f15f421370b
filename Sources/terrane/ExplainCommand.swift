import ArgumentParser
import Foundation
import Host
import Pipelines
import Products
import Runs
import Settings

/// `terrane explain` says why a file is as it is.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Say why a product, a model or a report is as it is: inputs, weights, settings, versions, and what changed.",
    discussion: """
      The file is looked up in the ledger of the output directory that it lies in, and followed back job by job. Where \
      the pipeline file of its run can be read, the job is planned again, and what has changed since is said.

      Exit codes: 0 said, 66 no output directory, or no job that has left the file.
      """)

  @Argument(help: "A file below an output directory, or the directory of a product.", completion: .file())
  var file: String

  @Flag(help: "Say it as JSON.")
  var json = false

  func run() throws {
    try CommandExit.of {
      guard FileManager.default.fileExists(atPath: file) else { throw InputFailure.missing(file) }
      let origin = try FileOrigin(of: URL(fileURLWithPath: file), kinds: .rasters)
      let present = PresentState(of: origin)
      if json {
        try CommandExit.show(origin.json(present: present.json).pretty)
      } else {
        for line in origin.lines(present: present.lines) {
          try CommandExit.show("\(line.visibleLine.shortened(to: 400))\n")
        }
      }
      return .success
    }
  }
}
