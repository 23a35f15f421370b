import Foundation
import Settings

/// A run as `runs/<id>/summary.json` tells of it: the read side of `RunRecord`.
///
/// What a record does not say is nil or empty: a run that was killed has a head only, and records of earlier
/// versions lack what was added later.
package struct RecordedRun: Sendable, Hashable {
  /// How far a run came.
  package enum State: Sendable, Hashable {
    /// The run has not ended, or was killed before it could say so.
    case running
    /// The run could not go on at all, and why.
    case brokenOff(reason: String)
    /// The run ended, whatever became of its tasks.
    case finished
  }

  /// The id, which is the name of the directory: the UTC time the run began and four digits.
  package let id: String
  /// The directory of the record.
  package let directory: URL
  /// How far the run came.
  package let state: State
  /// The path of the pipeline file.
  package let pipeline: String
  /// The name of the pipeline.
  package let name: String
  /// The command as it was given.
  package let arguments: [String]
  /// The directory that it was given in; nil in records of earlier versions.
  package let workingDirectory: String?
  /// The number of the process.
  package let process: Int?
  /// When the process began and when the run ended.
  package let began, ended: Date?
  /// From the beginning to the end, in seconds.
  package let seconds: Double?
  /// What the process ended with; nil of a run that is `running`.
  package let exitCode: Int?
  /// The most memory that the process held at once, in bytes.
  package let peakMemory: Int?
  /// Versions of terrane, its kernels and libraries, by name.
  package let versions: [String: String]
  /// The stages in the order of the pipeline, with their tasks.
  package let stages: [RecordedStage]
  /// The failed tasks that are of no stage, as that which lists the products; such a task is recorded only
  /// where it failed.
  package let otherFailures: [RecordedTask]
  /// The scenes of the run, by name.
  package let scenes: [SceneRecord]
  /// The entries of the directory of scenes that the run left out.
  package let leftOut: [RecordedEntry]
  /// What people should know of the pairs that were looked for.
  package let pairing: String?
}

extension RecordedRun {
  /// All tasks of stages, stage after stage.
  package var tasks: [RecordedTask] { stages.flatMap(\.tasks) }

  /// How many tasks ended in each way.
  package var counts: [RecordedTask.Status: Int] {
    (tasks + otherFailures).reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  /// The tasks that failed, those of no stage last.
  package var failures: [RecordedTask] { tasks.filter { $0.status == .failed } + otherFailures }

  /// Returns the task of an id (`stage-label:subject`); nil where the run has none.
  package func task(_ id: String) -> RecordedTask? { tasks.first { $0.id == id } }

  /// Returns the task that left a file, by the file's path below the output directory; nil where none did.
  package func task(leaving path: String) -> RecordedTask? {
    tasks.first { $0.files.contains { $0.path == path } }
  }

  /// The settings in force: `resolved.json`; nil where they cannot be read.
  package var settings: JSONValue? {
    RunHistory.json(at: directory.appendingPathComponent("resolved.json"))
  }
}

/// A scene of a run, and what became of it.
package struct SceneRecord: Sendable, Hashable {
  /// What became of a scene.
  package enum Status: String, Sendable, Hashable, CaseIterable {
    /// A task about it was done in this run.
    case done
    /// All was done before.
    case upToDate = "up-to-date"
    /// A task about it failed.
    case quarantined
    /// A task about it could not begin, because another one failed.
    case blocked
    /// A task about it was not begun before the run ended.
    case notReached = "not-reached"
    /// It was left for a later run.
    case arriving
    /// No task is about it.
    case unused
    /// A word that this version does not know.
    case unknown
  }

  /// The name, unique in the run.
  package let name: String
  /// The path of the scene.
  package let path: String
  /// What became of it.
  package let status: Status
  /// Why; nil where that needs no words.
  package let reason: String?
}
