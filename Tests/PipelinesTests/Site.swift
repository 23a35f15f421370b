import Foundation
import Pipelines
import Products
import Runs
import Scenes
import Settings

/// A directory of its own with a pipeline file and scenes that are small text files; removed at the end.
final class Site {
  let directory: URL
  var stages = "[train: {}, map: {}, publish: {}]"
  var extra = ""
  var classes = "[{value: 1, name: one}, {value: 2, name: two}]"
  /// What the one entry of `data.source` says.
  var source = "scene: source.txt"
  /// What `data` says besides.
  var data = ""
  private var isBorrowed = false

  init() throws {
    directory =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-tests-\(UUID().uuidString)").standardizedFileURL
    try FileManager.default.createDirectory(
      at: directory.appendingPathComponent("incoming"), withIntermediateDirectories: true)
    try write("source.txt", "labelled")
  }

  /// The site of another process, which removes it.
  init(at directory: URL) throws {
    self.directory = directory
    isBorrowed = true
  }

  deinit {
    if !isBorrowed { try? FileManager.default.removeItem(at: directory) }
  }

  var output: URL { directory.appendingPathComponent("output/site") }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: directory.appendingPathComponent(name))
  }

  func read(_ path: String) -> String? {
    try? String(contentsOf: output.appendingPathComponent(path), encoding: .utf8)
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: output.appendingPathComponent(path).path)
  }

  var text: String {
    """
    name: site
    sensor: custom
    bands: [a, b]
    classes: \(classes)
    data: {source: [{\(source)}], scenes: incoming\(data)}
    \(extra)
    stages: \(stages)
    """
  }

  func pipeline(_ overrides: [String] = []) throws -> Pipeline {
    try Pipeline.parse(
      text, path: "site.yaml", url: directory.appendingPathComponent("site.yaml"),
      stages: FakeStages.registry,
      overrides: overrides.compactMap(SettingOverride.init(parsing:)))
  }

  /// Finds the scenes of `incoming`, every file one scene.
  static let search = SceneSearch([TextReader()])

  /// The scenes of `incoming`.
  func incoming() throws -> [SceneSource] {
    try Self.search.scenes(in: directory.appendingPathComponent("incoming").path)
  }

  func plan(
    _ overrides: [String] = [], versions: [String: String] = ["terrane": "1"],
    classify: @escaping @Sendable (any Error) -> RunFailure = RunFailure.init(classifying:)
  ) throws -> Plan {
    let pipeline = try pipeline(overrides)
    let roster = try SceneRoster(for: pipeline, search: Site.search)
    return try Plan(
      pipeline, scenes: roster.ready, versions: versions,
      hashes: ContentHashes(store: output.appendingPathComponent("cache/hashes.jsonl"), kinds: .rasters),
      classify: classify)
  }

  /// Plans and runs as the command does.
  @discardableResult
  func run(
    _ overrides: [String] = [], threads: Int = 1, cancellation: Cancellation = Cancellation(),
    deadline: Date? = nil, observers: [any RunObserver] = []
  ) throws -> RunReport {
    try Runner.prepare(output: output)
    let runner = Runner(
      output: output, runID: RunRecord.newID(), threads: threads, cancellation: cancellation,
      deadline: deadline,
      observers: observers)
    return try runner.run(plan(overrides), ledger: Ledger(output: output))
  }
}

extension RunReport {
  /// `id: status` of each job.
  var words: [String] { outcomes.map { "\($0.job.id): \($0.status.word)" } }
}
