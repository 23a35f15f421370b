import Foundation
import Pipelines
import Runs
import Scenes
import Settings
import Testing

/// The stages of a pipeline file, carried out in the test's own process: each job is its action and nothing
/// else.
final class StageBench {
  private let directory: URL
  private var left: [String: JobOutput] = [:]
  /// What the jobs have returned, by their ids.
  private(set) var results: [String: JobResult] = [:]

  /// - Parameter directory: where scenes and weights are; outputs go below it.
  init(in directory: URL) { self.directory = directory }

  private var output: URL { directory.appendingPathComponent("bench") }

  /// Carries out every job of a pipeline file in the order of the plan.
  ///
  /// - Parameters:
  ///   - scenes: what is mapped or compared, by file name.
  ///   - beforeEach: called before each job.
  func carryOut(_ text: String, scenes: [String], beforeEach: (Job) throws -> Void = { _ in }) throws {
    let pipeline = try Pipeline.parse(
      text, path: "bench.yaml", url: directory.appendingPathComponent("bench.yaml"), stages: .standard)
    let found = try scenes.map { try SceneSource(path: directory.appendingPathComponent($0).path) }
    let plan = try Plan(
      pipeline, scenes: found, versions: [:], hashes: ContentHashes(store: nil, kinds: .plain))
    for job in plan.jobs {
      try beforeEach(job)
      try carryOut(job)
    }
  }

  /// Carries out one job after those that it depends on.
  func carryOut(_ job: Job) throws {
    #expect(job.refusal == nil)
    let place = output.appendingPathComponent(job.directory)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    results[job.id] = try job.action(
      JobContext(
        of: job, directory: place, output: output, unfinished: output.appendingPathComponent("unfinished"),
        runID: "bench", threads: 1, inputs: job.dependencies.compactMap { left[$0] },
        progress: JobProgress(), cancellation: Cancellation()))
    leave(names(in: job.directory), by: job)
  }

  /// Says what a job has left, which need not have been carried out.
  func leave(_ names: [String], by job: Job) {
    left[job.id] = JobOutput(
      job: job.id, key: job.key, directory: job.directory,
      files: names.map { ProducedFile(path: "\(job.directory)/\($0)", bytes: 1, sha256: "of \($0)") },
      findings: results[job.id]?.findings ?? [], warnings: [])
  }

  /// Where the files of a job's directory lie.
  func url(_ path: String) -> URL { output.appendingPathComponent(path) }

  /// The names of the files in a directory of the output.
  func names(in directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url(directory).path)) ?? []).sorted()
  }

  /// The artifact that a job has left.
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
