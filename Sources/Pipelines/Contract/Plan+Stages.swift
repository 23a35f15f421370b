import Foundation
import Runs
import Scenes

extension Plan {
  /// Asks the stages of `file` for their jobs, in order.
  ///
  /// - Parameter classify: turns an error of reading an input into a failure, the refusal of the job that
  ///   reads it.
  /// - Throws: what a stage throws, or `RunCancelled`. An unreadable input throws nothing: its job is
  ///   refused.
  public init(
    file: PipelineFile, scenes: [SceneSource], versions: [String: String], hashes: ContentHashes,
    cancellation: Cancellation = Cancellation(),
    classify: @escaping @Sendable (any Error) -> RunFailure = RunFailure.init(classifying:)
  ) throws {
    var planned: [Job] = []
    var ids: Set<String> = []
    for (index, declaration) in file.stages.enumerated() {
      let planning = Planning(
        file: file, scenes: scenes, stage: declaration,
        earlierStages: Array(file.stages[..<index]), earlierTasks: planned, hashes: hashes, classify: classify
      )
      for task in try declaration.stage.tasks(in: planning) {
        let unique = ids.insert(task.id).inserted ? task : Plan.refuse(task, count: &ids)
        planned.append(unique)
      }
      if cancellation.signalNumber != nil { throw RunCancelled() }
    }
    let pipeline = PlannedPipeline(
      url: file.url, name: file.name, stages: file.stages.map(\.label), classes: file.classes.map(\.name),
      resolved: file.resolved)
    self.init(of: pipeline, tasks: planned, versions: versions)
  }

  /// Refuses a second job of one id: it would overwrite the first one's files, so it fails instead, under an
  /// id of its own.
  private static func refuse(_ task: Job, count ids: inout Set<String>) -> Job {
    let number = (2...).first { !ids.contains("\(task.id) (\($0))") }!
    let id = "\(task.id) (\(number))"
    ids.insert(id)
    return Job(
      id: id, stage: task.stage, subject: "\(task.subject) (\(number))", title: task.title,
      produces: task.produces, placement: task.placement, components: task.components, key: task.key,
      dependencies: task.dependencies,
      refusal: RunFailure("another scene is called '\(task.subject)' as well", exitCode: .badData),
      watch: task.watch, action: task.action)
  }
}
