import ArgumentParser
import Foundation
import Pipelines

/// `terrane init`: a commented starter file.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Print a commented pipeline file to start from.")

  @Option(help: "What the pipeline is for.")
  var task: StarterTask = .landCover

  @Option(help: "Write to this file, which must not exist, instead of stdout.", completion: .file())
  var output: String?

  func run() throws {
    try Ending.of {
      guard let output else {
        Ending.show(StarterFile.text(for: task))
        return .success
      }
      let url = URL(fileURLWithPath: output)
      do {
        try Data(StarterFile.text(for: task).utf8).write(to: url, options: .withoutOverwriting)
      } catch CocoaError.fileWriteFileExists {
        throw TaskFailure("\(output): there is such a file already", exitCode: .cannotCreate)
      } catch {
        throw TaskFailure(
          "\(output): cannot be created: \(error.localizedDescription)", exitCode: .cannotCreate)
      }
      return .success
    }
  }
}

/// What a pipeline can be for.
enum StarterTask: String, CaseIterable, ExpressibleByArgument {
  case landCover = "land-cover"
  case change
}
