/// A stage of a run as its record tells of it.
package struct RecordedStage: Sendable, Hashable {
  /// The label of the stage in the pipeline.
  package let label: String
  /// The time of its tasks in this run, in seconds.
  package let seconds: Double
  /// The tasks in the order of the plan.
  package let tasks: [RecordedTask]
}

/// A task of a run as its record tells of it: the read side of `JobOutcome`.
package struct RecordedTask: Sendable, Hashable {
  /// The way in which a task ended.
  package enum Status: String, Sendable, Hashable, CaseIterable {
    /// Done in this run.
    case done
    /// Done before under the same key.
    case upToDate = "up-to-date"
    /// Failed.
    case failed
    /// Not begun, because a task on which it depends did not succeed.
    case blocked
    /// Not begun or not finished before the run ended.
    case notReached = "not-reached"
    /// A word that this version does not know.
    case unknown

    /// Whether the task's files are in place.
    package var isSuccess: Bool { self == .done || self == .upToDate }
  }

  /// `stage-label:subject`.
  package let id: String
  /// The label of its stage.
  package let stage: String
  /// A scene, a pair, a model.
  package let subject: String
  /// The way in which it ended.
  package let status: Status
  /// SHA-256 of everything that decides about its files.
  package let key: String
  /// The time that it took in this run, in seconds.
  package let seconds: Double
  /// Why it failed, and the exit code of that; nil of a task that did not fail.
  package let failure: Failure?
  /// The task that did not succeed before it; nil of a task that was not blocked.
  package let blockedBy: String?
  /// What it found.
  package let findings: [Finding]
  /// What people should read although it succeeded.
  package let warnings: [String]
  /// Its files.
  package let files: [ProducedFile]
  /// Versions that made the files, by name.
  package let versions: [String: String]

  /// Why a task failed.
  package struct Failure: Sendable, Hashable {
    /// The reason, in a sentence.
    package let reason: String
    /// What a run ends with of which nothing else is there.
    package let exitCode: Int?
  }
}
