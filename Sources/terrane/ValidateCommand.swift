import ArgumentParser
import Foundation
import Host
import Pipelines
import Rasters
import Runs
import Settings

/// `terrane validate` tells everything that can be said about a pipeline file and the headers of its data
/// without reading a pixel.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check a pipeline file and the headers of its data: all mistakes at once, no pixel read.")

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replaces a setting of the file.", valueName: "stage.key=value"))
  var settings: [SettingOverride] = []

  func run() throws {
    try CommandExit.of {
      var (read, mistakes): (Pipeline, [Diagnostic])
      do {
        read = try Pipeline.read(pipeline, stages: CompositionRoot.stages, overrides: settings)
        mistakes = []
      } catch let error as PipelineFileError {
        guard let readable = error.pipeline else { throw error }
        (read, mistakes) = (readable, error.diagnostics)
      }
      let findings = try findings(on: read)
      mistakes += findings.mistakes
      guard mistakes.isEmpty else { throw PipelineFileError(mistakes.inOrderOfFile) }
      let stages = read.stages.map(\.label).joined(separator: " -> ")
      let looked = (["the settings"] + findings.looked).joined(separator: "; ")
      try CommandExit.show(
        "\(pipeline): \(read.file.name) is fine: \(stages)\nlooked at: \(looked); no pixel\n")
      for remark in findings.remarks { try CommandExit.show("remark: \(remark.visibleLine)\n") }
      return .success
    }
  }

  /// The most entries that are named one by one.
  private static let mostEntries = 50

  /// Tells what the directory of scenes holds besides those that are mapped.
  private static func remarks(on report: DirectoryReport?) -> [String] {
    guard let report, let line = report.line else { return [] }
    let others = report.leftOut.count - mostEntries
    return [line] + report.sentences.prefix(mostEntries) + (others > 0 ? ["and \(others) more left out"] : [])
  }

  /// Checks the headers of the data; without GDAL nothing is checked, which is told.
  private func findings(on pipeline: Pipeline) throws -> DataCheck.Findings {
    let check = DataCheck(pipeline, classify: CompositionRoot.classify)
    do {
      try GDALLibrary.load()
      pipeline.confinement(writes: false).enforce()
      try CompositionRoot.prepare(allowVRT: pipeline.file.allowVRT)
    } catch let error as RasterError {
      guard error.code == .noLibrary else { throw error }
      CommandExit.say("terrane: no header of the data was looked at: \(error)")
      return DataCheck.Findings()
    }
    guard pipeline.file.data.scenes != nil || !pipeline.file.data.pairs.isEmpty else {
      return check.findings(scenes: [])
    }
    do {
      let roster = try SceneRoster(for: pipeline)
      var pipeline = pipeline
      pipeline.file.data.pairs = roster.pairs
      pipeline.file.data.chosenReadings = roster.readings
      var findings = DataCheck(pipeline, classify: CompositionRoot.classify).findings(
        scenes: roster.ready + roster.arriving)
      findings.remarks += Self.remarks(on: roster.report)
      return findings
    } catch {
      // A directory that holds nothing yet is no mistake of the file.
      var findings = check.findings(scenes: [])
      findings.remarks.append("nothing to map: \(CommandExit.failure(error).reason)")
      return findings
    }
  }
}
