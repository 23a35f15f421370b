import ArgumentParser
import Foundation
import Host
import Pipelines
import Rasters
import Runs
import Settings

/// The pipeline file of a command, and the settings of the command line that stand in the place of the
/// file's.
struct PipelineOptions: ParsableArguments {
  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(help: "A directory of scenes to map, or one scene; replaces data.scenes.", completion: .directory)
  var scenes: String?

  @Option(help: "Where everything is written; replaces 'output'.", completion: .directory)
  var output: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replaces a setting of the file.", valueName: "stage.key=value"))
  var settings: [SettingOverride] = []

  @Option(help: "The precision of inference; short for --set inference.precision=....")
  var precision: String?

  @Option(
    help:
      "How many threads to use; all that affinity, control groups and SLURM_CPUS_PER_TASK leave without it.")
  var threads: Int?

  func validate() throws {
    for (name, path) in [("--scenes", scenes), ("--output", output)] where path?.isEmpty == true {
      throw ValidationError("\(name) is an empty path")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024")
    }
  }

  /// Reads the file, readies the libraries, and gathers the scenes. What is read from then on is decoded with
  /// no more rights than that takes.
  ///
  /// - Parameters:
  ///   - writes: whether anything is written below the output directory.
  ///   - others: directories that are written to besides.
  ///   - isConfined: whether the process needs nothing else, such as other programs.
  func read(writes: Bool = false, besides others: [URL] = [], isConfined: Bool = true) throws
    -> PreparedPipeline
  {
    let found = try Pipeline.read(pipeline, stages: CompositionRoot.stages, overrides: overrides)
    if isConfined {
      try GDALLibrary.load()
      // Only what is there can be allowed, and what lies beside it shall not be.
      if writes { try DurableFiles.makeDirectory(found.file.output) }
      found.confinement(writes: writes, besides: others).enforce()
    }
    try CompositionRoot.prepare(allowVRT: found.file.allowVRT, threads: threads)
    return try PreparedPipeline(found)
  }

  /// The arguments by which another process of terrane reads the same file to the same pipeline.
  var forwarded: [String] {
    var arguments = [absolute(pipeline)]
    if let scenes { arguments += ["--scenes", absolute(scenes)] }
    if let output { arguments += ["--output", absolute(output)] }
    for setting in settings { arguments += ["--set", String(setting.argument.dropFirst("--set ".count))] }
    if let precision { arguments += ["--precision", precision] }
    if let threads { arguments += ["--threads", "\(threads)"] }
    return arguments
  }

  /// The settings of the command line. Paths on it start where the shell is, those in the file where the file
  /// is.
  var overrides: [SettingOverride] {
    var overrides = settings
    if let scenes {
      overrides.append(
        SettingOverride(argument: "--scenes \(scenes)", path: ["data", "scenes"], text: absolute(scenes)))
    }
    if let output {
      overrides.append(
        SettingOverride(argument: "--output \(output)", path: ["output"], text: absolute(output)))
    }
    if let precision {
      overrides.append(
        SettingOverride(
          argument: "--precision \(precision)", path: ["inference", "precision"], text: precision))
    }
    return overrides
  }

  private func absolute(_ path: String) -> String {
    // What is no plain path stays as it is, so that the message about it shows what was given.
    path.hasPrefix("/") || path.contains("://")
      ? path : URL(fileURLWithPath: path).absoluteURL.standardizedFileURL.path
  }
}

extension SettingOverride: ExpressibleByArgument {
  /// Reads `stage.key=value`.
  public init?(argument: String) {
    self.init(parsing: argument)
  }
}
