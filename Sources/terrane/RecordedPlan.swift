import ArgumentParser
import Foundation
import Numerics
import Pipelines
import Runs
import Scenes

/// The plan that the newest run of an output directory would have now: its pipeline file with the arguments
/// that it was started with.
struct RecordedPlan {
  let plan: Plan
  let ledger: Ledger

  /// Plans again; nothing is written and no lock is taken.
  ///
  /// - Throws: what reading the file and gathering its scenes throws; `RecordedPlanFailure`.
  init(of run: RecordedRun, below output: URL) throws {
    guard let command = try? Terrane.parseAsRoot(Array(run.arguments.dropFirst())) as? RunCommand else {
      throw RecordedPlanFailure.arguments
    }
    var options = command.options
    options.pipeline = run.pipeline
    options.output = output.path
    if let scenes = options.scenes, !scenes.hasPrefix("/") {
      guard let directory = run.workingDirectory else { throw RecordedPlanFailure.relative(scenes) }
      options.scenes =
        URL(fileURLWithPath: scenes, relativeTo: URL(fileURLWithPath: directory, isDirectory: true)).path
    }
    let prepared = try options.read()
    let hashes = prepared.hashes(remembers: false)
    plan = try prepared.plan(hashes)
    ledger = Ledger(output: output, hashes: hashes)
  }
}

/// The reason why a run cannot be planned again.
enum RecordedPlanFailure: ExitCoded, Hashable {
  /// The arguments that it was started with are not to be understood.
  case arguments
  /// The run was given scenes by a path that began where it was started, which nothing says.
  case relative(String)

  var description: String {
    switch self {
    case .arguments: "the run's arguments are those of another version"
    case .relative(let path): "the run was started with --scenes \(path), and nothing says where"
    }
  }

  var exitCode: Runs.ExitCode { .noInput }
}
