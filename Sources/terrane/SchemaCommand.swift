import ArgumentParser
import Pipelines
import Runs
import Settings

/// `terrane schema`: the JSON Schema of the pipeline file, for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema (draft-07) of the pipeline file.")

  func run() throws {
    try Ending.of {
      try Ending.show(PipelineSchema.json(stages: Composition.stages).pretty)
      return .success
    }
  }
}
