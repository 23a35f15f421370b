import ArgumentParser
import Foundation
import Host
import Pipelines
import Runs

/// `terrane init` prints a commented starter file.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Print a commented pipeline file to start from.")

  @Option(help: "What the pipeline is for.")
  var task: StarterTask = .landCover

  @Option(help: "Write to this file, which must not exist, instead of stdout.", completion: .file())
  var output: String?

  func run() throws {
    try CommandExit.of {
      guard let output else {
        try CommandExit.show(StarterFile.text(for: task))
        return .success
      }
      do throws(SystemError) {
        try RegularFile.write(Data(StarterFile.text(for: task).utf8), to: output, isNew: true)
      } catch {
        throw error.number == EEXIST
          ? StarterFileFailure.exists(output) : .notCreated(output, error)
      }
      return .success
    }
  }
}

/// The purpose of a pipeline.
enum StarterTask: String, CaseIterable, ExpressibleByArgument {
  case landCover = "land-cover"
  case change
}
