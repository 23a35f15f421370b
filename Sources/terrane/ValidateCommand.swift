import ArgumentParser
import Pipelines

/// `terrane validate`: everything that can be said about a pipeline file without reading a pixel.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check a pipeline file: all mistakes at once, no pixel read.")

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replaces a setting of the file.", valueName: "stage.key=value"))
  var settings: [SettingOverride] = []

  func run() throws {
    try Ending.of {
      let file = try PipelineFile.read(pipeline, stages: Composition.stages, overrides: settings)
      let stages = file.stages.map(\.label).joined(separator: " -> ")
      try Ending.show("\(pipeline): \(file.name) is fine: \(stages)\n")
      return .success
    }
  }
}
