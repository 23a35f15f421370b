import ArgumentParser
import Pipelines
import Runs
import Settings

/// `terrane schema` prints the JSON Schema of the pipeline file, for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema (draft-07) of the pipeline file.")

  @Flag(help: "Print the reference of all settings as Markdown instead, docs/settings.md.")
  var markdown = false

  func run() throws {
    try CommandExit.of {
      try CommandExit.show(
        markdown
          ? SettingsReference.markdown(stages: CompositionRoot.stages)
          : PipelineSchema.json(stages: CompositionRoot.stages).pretty)
      return .success
    }
  }
}
