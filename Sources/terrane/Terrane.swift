import ArgumentParser

/// The command: transfer learning on satellite scenes as one batch run.
struct Terrane: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terrane",
    abstract: "Land-cover and change maps from satellite scenes by transfer learning.",
    // Composed only where it is asked for: GDAL must be loaded to tell its version.
    version: CommandLine.arguments.contains("--version") ? Composition.description : Composition.version,
    subcommands: [
      RunCommand.self, VerifyCommand.self, ValidateCommand.self, InspectCommand.self, RankCommand.self,
      ForwardCommand.self,
      InitCommand.self, SchemaCommand.self,
    ])
}
