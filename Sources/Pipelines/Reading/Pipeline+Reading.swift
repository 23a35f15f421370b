import Foundation
import Host
import Rasters
import Runs
import Settings

extension Pipeline {
  /// The keys of the file's top level.
  package static let topLevelKeys = [
    "name", "seed", "task", "sensor", "bands", "band-order", "scale", "offset", "no-data", "resolution",
    "classes", "data", "chips", "output", "allow-vrt", "mask",
    "settle", "slurm", "vars", "stages",
  ]

  /// Reads and checks a pipeline file: everything that can be said without reading a pixel.
  ///
  /// - Parameters:
  ///   - path: the file, as the user named it: messages name it the same way.
  ///   - registry: the stages that it may use.
  ///   - overrides: settings of the command line; the later of two counts.
  ///   - environment: what `${env:NAME}` stands for.
  ///   - checksPaths: whether files that are named must exist.
  /// - Throws: `UnreadablePipelineFile` where the file itself cannot be read, `PipelineFileError` with all
  ///   mistakes where it is wrong.
  public static func read(
    _ path: String, stages registry: StageRegistry, overrides: [SettingOverride] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment, checksPaths: Bool = true
  ) throws -> Pipeline {
    let url = URL(fileURLWithPath: path).absoluteURL.standardizedFileURL
    guard let status = FileStatus(url.path) else {
      throw UnreadablePipelineFile.missing(path)
    }
    guard !status.isDirectory else {
      throw UnreadablePipelineFile.directory(path)
    }
    do { try RegularFile.check(url.path) } catch {
      throw UnreadablePipelineFile.refused(path, error)
    }
    guard status.size <= SettingDocument.maximumBytes else {
      throw PipelineFileError([
        Diagnostic(
          kind: .settings, file: path, origin: nil,
          message:
            "the file has \(status.size) bytes; \(SettingDocument.maximumBytes) are the most that is read")
      ])
    }
    let data: Data
    do { data = try RegularFile.contents(of: url.path) } catch {
      throw UnreadablePipelineFile.unread(path, error)
    }
    guard let text = String(data: data, encoding: .utf8) else {
      let isWide = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
      let message = isWide ? "the file is UTF-16 text: save it as UTF-8" : "the file is not UTF-8 text"
      throw PipelineFileError([Diagnostic(kind: .settings, file: path, origin: nil, message: message)])
    }
    return try parse(
      text, path: path, url: url, stages: registry, overrides: overrides, environment: environment,
      checksPaths: checksPaths)
  }

  /// Reads the text of a pipeline file that lies at `url`.
  package static func parse(
    _ text: String, path: String, url: URL, stages registry: StageRegistry,
    overrides: [SettingOverride] = [], environment: [String: String] = [:], checksPaths: Bool = true
  ) throws(PipelineFileError) -> Pipeline {
    let session = ReadingSession(
      file: path, text: text, directory: url.deletingLastPathComponent(), checksPaths: checksPaths)
    guard var root = SettingDocument.read(text, session: session) else {
      throw PipelineFileError(session.sortedDiagnostics)
    }
    for override in overrides {
      root = override.apply(
        to: root, stageNames: registry.types.map { $0.name }, topLevelKeys: topLevelKeys, session: session)
    }
    var substitution = Substitution(environment: environment, session: session)
    let reader = SettingsReader(
      substitution.apply(to: root), name: SettingsReader.topLevelName, origin: nil, session: session)
    let pipeline = Pipeline(reader, url: url, registry: registry)
    guard session.diagnostics.isEmpty else {
      let describesData = [
        "sensor", "bands", "band-order", "scale", "offset", "no-data", "resolution", "classes", "data",
      ]
      .allSatisfy(reader.isFaultless)
      throw PipelineFileError(session.sortedDiagnostics, in: describesData ? pipeline : nil)
    }
    return pipeline
  }

  /// Describes every setting of a pipeline file: the same code as reads one, run without a file.
  public static func describe(stages registry: StageRegistry) -> [SettingDescription] {
    let nowhere = URL(fileURLWithPath: "/")
    let session = ReadingSession(file: "", directory: nowhere, isDescribing: true)
    let reader = SettingsReader(nil, name: SettingsReader.topLevelName, origin: nil, session: session)
    _ = Pipeline(reader, url: nowhere, registry: registry)
    return reader.settings
  }

  /// Reads a file, and reports everything that is wrong with it to the reader.
  private init(_ reader: SettingsReader, url: URL, registry: StageRegistry) {
    var file = PipelineFile(reader, url: url)
    stages = reader.stages("stages", of: registry, classes: file.classes.map(\.name), "the steps, in order")
    let network = stages.map(\.stage).networks.last
    file.comparison = network?.comparison
    file.keepsProbabilities = stages.contains { $0.stage.wantsProbabilities }
    if let network, !reader.has("classes") { file.take(network.publishedClasses) }
    self.file = file
    resolved = reader.canonical
    namedPaths = reader.session.paths
    reader.finish()
    file.check(reader)
    guard reader.isSound("data"), reader.isSound("classes") else { return }
    for (index, declaration) in stages.enumerated() where declaration.isSound {
      for problem in declaration.stage.problems(in: file, after: Array(stages[..<index])) {
        reader.problem(at: declaration.origin, "\(declaration.label): \(problem)")
      }
    }
  }
}
