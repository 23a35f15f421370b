import Foundation
import Pipelines
import Products
import Runs
import Slurm

/// A pipeline with the scenes that there are for it: what is planned from. The same file and the same inputs
/// give the same plan in every process.
struct PreparedPipeline {
  /// The pipeline, with the pairs and series that were found among its scenes.
  private let pipeline: Pipeline
  /// The scenes.
  let roster: SceneRoster

  /// Gathers the scenes that a pipeline asks for.
  ///
  /// - Throws: what finding scenes throws; `NothingToMap` where there is no scene for a stage that maps.
  init(_ pipeline: Pipeline) throws {
    roster = try SceneRoster(for: pipeline, knowing: ArrivingScenes(below: pipeline.file.output))
    var pipeline = pipeline
    (pipeline.file.data.pairs, pipeline.file.data.series) = (roster.pairs, roster.series)
    pipeline.file.data.chosenReadings = roster.readings
    self.pipeline = pipeline
  }

  /// The directory that everything is written to.
  var output: URL { pipeline.file.output }

  /// What the file asks of a cluster.
  var slurm: SlurmSettings { pipeline.file.slurm }

  /// The check of the data that the pipeline names.
  var check: DataCheck { DataCheck(pipeline, classify: CompositionRoot.classify) }

  /// Hashes of inputs with the output directory's memory of them.
  ///
  /// - Parameters:
  ///   - remembers: whether what is hashed is noted there.
  ///   - deadline: when reading ends.
  func hashes(remembers: Bool = true, until deadline: Date? = nil) -> ContentHashes {
    ContentHashes(
      store: output.appendingPathComponent("cache/hashes.jsonl"), kinds: .rasters, remembers: remembers,
      cancellation: Cancellation(within: Signals.cancellation, deadline: deadline))
  }

  /// Returns the jobs of the stages over the scenes.
  func plan(_ hashes: ContentHashes) throws -> Plan {
    try Plan(
      pipeline, scenes: roster.ready, arriving: roster.arriving, versions: CompositionRoot.versions(),
      hashes: hashes,
      cancellation: Signals.cancellation, classify: CompositionRoot.classify)
  }
}
