import ArgumentParser
import Foundation
import Pipelines
import Runs

/// `terrane inspect` shows what is in a raster, a vector file or a file of weights.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Say what is in a raster, a vector file or a file of weights.")

  @Argument(help: "The file, or a scene's directory.", completion: .file())
  var file: String

  func run() throws {
    try CommandExit.of {
      let url = URL(fileURLWithPath: file)
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw RunFailure("\(file): no such file", exitCode: .noInput)
      }
      try CompositionRoot.prepare()
      for inspection in CompositionRoot.inspections {
        if let report = try inspection.report(on: url) {
          try CommandExit.show(report.hasSuffix("\n") ? report : report + "\n")
          return .success
        }
      }
      let subjects = CompositionRoot.inspections.map(\.subject).joined(separator: " nor ")
      throw RunFailure("\(file): not among what can be inspected (\(subjects))", exitCode: .badData)
    }
  }
}
