import Foundation
import Pipelines
import Products
import Runs

/// A pipeline file with the scenes that there are for it: what is planned from. The same file and the same
/// inputs give the same plan in every process.
struct PreparedPipeline {
  /// The file, with the pairs and series that were found among its scenes.
  let file: PipelineFile
  /// The scenes.
  let roster: SceneRoster

  /// Gathers the scenes that a file asks for.
  ///
  /// - Throws: what finding scenes throws; `NothingToMap` where there is no scene for a stage that maps.
  init(_ file: PipelineFile) throws {
    roster = try SceneRoster(for: file, knowing: ArrivingScenes(below: file.output))
    var file = file
    (file.data.pairs, file.data.series) = (roster.pairs, roster.series)
    self.file = file
  }

  /// Hashes of inputs with the output directory's memory of them.
  ///
  /// - Parameters:
  ///   - remembers: whether what is hashed is noted there.
  ///   - deadline: when reading ends.
  func hashes(remembers: Bool = true, until deadline: Date? = nil) -> ContentHashes {
    ContentHashes(
      store: file.output.appendingPathComponent("cache/hashes.jsonl"), kinds: .rasters, remembers: remembers,
      cancellation: Cancellation(within: Signals.cancellation, deadline: deadline))
  }

  /// Returns the jobs of the stages over the scenes.
  func plan(_ hashes: ContentHashes) throws -> Plan {
    try Plan(
      file: file, scenes: roster.ready, versions: CompositionRoot.versions(), hashes: hashes,
      cancellation: Signals.cancellation, classify: CompositionRoot.classify)
  }
}
