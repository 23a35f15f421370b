import Foundation
import Rasters
import Runs
import Scenes

extension Plan {
  /// Asks the stages of a pipeline for their jobs, in order.
  ///
  /// - Parameters:
  ///   - arriving: scenes that are left for a later run.
  ///   - classify: turns an error of reading an input into a failure, the refusal of the job that reads it.
  /// - Throws: what a stage throws, or `RunCancelled`. An unreadable input throws nothing: its job is
  ///   refused.
  public init(
    _ pipeline: Pipeline, scenes: [SceneSource], arriving: [SceneSource] = [], versions: [String: String],
    hashes: ContentHashes,
    cancellation: Cancellation = Cancellation(),
    classify: @escaping @Sendable (any Error) -> RunFailure = RunFailure.init(classifying:)
  ) throws {
    let (file, stages) = (pipeline.file, pipeline.stages)
    var supply = SceneSupply(
      of: file, readsEntries: stages.readEntries, scenes: scenes, arriving: arriving)
    let leading = stages.map(\.stage).makingScenes.count
    var planned: [Job] = []
    var ids: Set<String> = []
    for (index, declaration) in stages.enumerated() {
      let planning = Planning(
        supply: supply, stage: declaration, earlierStages: Array(stages[..<index]),
        laterStages: Array(stages[(index + 1)...]), earlierJobs: planned, hashes: hashes, classify: classify
      )
      var jobs: [Job] = []
      if index < leading, let stage = declaration.stage.making {
        let made = try stage.scenesToMake(of: supply)
        jobs = try made.map { try stage.job(making: $0, in: planning) }
        let makers = Dictionary(zip(made.map(\.name), jobs), uniquingKeysWith: { first, _ in first })
        let kind = type(of: stage)
        supply.replace(with: made, in: kind.sceneFile, by: kind.name) { makers[$0.name] }
      } else {
        jobs = try declaration.stage.jobs(in: planning)
      }
      for job in jobs {
        let unique = ids.insert(job.id).inserted ? job : Plan.refuse(job, count: &ids)
        planned.append(unique)
      }
      if cancellation.signalNumber != nil { throw RunCancelled() }
    }
    let facts = PlannedPipeline(
      url: file.url, name: file.name, stages: stages.map(\.label), classes: file.classes.map(\.name),
      resolved: pipeline.resolved)
    self.init(of: facts, jobs: planned, versions: versions)
  }

  /// Refuses a second job of one id: it would overwrite the first one's files, so it fails instead, under an
  /// id of its own.
  private static func refuse(_ job: Job, count ids: inout Set<String>) -> Job {
    let number = (2...).first { !ids.contains("\(job.id) (\($0))") }!
    let id = "\(job.id) (\(number))"
    ids.insert(id)
    return Job(
      id: id, stage: job.stage, subject: "\(job.subject) (\(number))", title: job.title,
      produces: job.produces, placement: job.placement, components: job.components, key: job.key,
      dependencies: job.dependencies,
      refusal: RunFailure(RepeatedSceneName(job.subject)),
      watch: job.watch, action: job.action)
  }
}
