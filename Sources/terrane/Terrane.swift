import ArgumentParser
import Host
import Pipelines
import Settings

/// The command: transfer learning on satellite scenes as one batch run.
struct Terrane: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terrane",
    abstract: "Land-cover and change maps from satellite scenes by transfer learning.",
    // Composed only where it is asked for: GDAL must be loaded to tell its version.
    version: Arguments.recorded.contains("--version") ? CompositionRoot.description : CompositionRoot.version,
    subcommands: [
      RunCommand.self, ReportCommand.self, WorkCommand.self, VerifyCommand.self, ValidateCommand.self,
      InspectCommand.self,
      RankCommand.self,
      ForwardCommand.self, WeightsCommand.self, ExportCommand.self,
      InitCommand.self, SchemaCommand.self,
    ])

  /// Refuses a command that there is not with the nearest one, which the parser would not say.
  ///
  /// - Parameter first: the first argument.
  static func checkCommand(_ first: String?) throws(ValidationError) {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let first, !first.hasPrefix("-"), !names.contains(first) else { return }
    let question = NearestKey.question(about: first, in: names)
    throw ValidationError(
      "there is no command '\(first.visibleLine)'"
        + (question.isEmpty ? " (known: \(names.joined(separator: ", ")))" : question))
  }
}
