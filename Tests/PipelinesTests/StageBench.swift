import Foundation
import Pipelines
import Runs
import Scenes
import Settings

/// The stages of a pipeline file, carried out in the test's own process: each task is its action and nothing
/// else.
final class StageBench {
  private let directory: URL
  private var left: [String: JobOutput] = [:]
  /// What the tasks have returned, by their ids.
  private(set) var results: [String: JobResult] = [:]

  /// - Parameter directory: where scenes and weights are; outputs go below it.
  init(in directory: URL) { self.directory = directory }

  private var output: URL { directory.appendingPathComponent("bench") }

  /// Carries out every task of a pipeline file in the order of the plan.
  ///
  /// - Parameter scenes: what is mapped or compared, by file name.
  func carryOut(_ text: String, scenes: [String]) throws {
    let file = try PipelineFile.parse(
      text, path: "bench.yaml", url: directory.appendingPathComponent("bench.yaml"), stages: .standard)
    let found = try scenes.map { try SceneSource(path: directory.appendingPathComponent($0).path) }
    let plan = try Plan(
      file: file, scenes: found, versions: [:], hashes: ContentHashes(store: nil, kinds: .plain))
    for task in plan.tasks { try carryOut(task) }
  }

  /// Carries out one task after those that it depends on.
  func carryOut(_ task: Job) throws {
    if let refusal = task.refusal { throw refusal }
    let place = output.appendingPathComponent(task.directory)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    results[task.id] = try task.action(
      JobContext(
        of: task, directory: place, output: output, unfinished: output.appendingPathComponent("unfinished"),
        runID: "bench", threads: 1, inputs: task.dependencies.compactMap { left[$0] },
        progress: JobProgress(), cancellation: Cancellation()))
    leave(names(in: task.directory), by: task)
  }

  /// Says what a task has left, which need not have been carried out.
  func leave(_ names: [String], by task: Job) {
    left[task.id] = JobOutput(
      task: task.id, key: task.key, directory: task.directory,
      files: names.map { ProducedFile(path: "\(task.directory)/\($0)", bytes: 1, sha256: "of \($0)") },
      findings: results[task.id]?.findings ?? [], warnings: [])
  }

  /// Where the files of a task's directory lie.
  func url(_ path: String) -> URL { output.appendingPathComponent(path) }

  /// The names of the files in a directory of the output.
  func names(in directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url(directory).path)) ?? []).sorted()
  }

  /// The artifact that a task has left.
  func artifact(of id: String) throws -> JSONValue {
    let text = try String(
      contentsOf: url(left[id]!.directory).appendingPathComponent("artifact.json"), encoding: .utf8)
    return try JSONValue(parsing: text)
  }
}

extension JSONValue {
  /// The elements of an array; none of any other value.
  var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
}
