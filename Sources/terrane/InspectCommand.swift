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
        throw InputFailure.missing(file)
      }
      try CompositionRoot.prepare()
      for inspection in CompositionRoot.inspections {
        if let report = try inspection.report(on: url) {
          try CommandExit.show(report.hasSuffix("\n") ? report : report + "\n")
          return .success
        }
      }
      throw UnknownFileKind(path: file, known: CompositionRoot.inspections.map(\.subject))
    }
  }
}
