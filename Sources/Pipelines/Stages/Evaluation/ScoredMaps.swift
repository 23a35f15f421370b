import Checkpoints
import Foundation
import Layers
import Mapping
import Models
import Rasters
import Runs
import Scenes
import Transfer

/// The maps that models are scored by: those that `inference` would make of the same scenes, as far as there
/// are labels.
struct ScoredMaps {
  let file: PipelineFile
  let mapping: MappingRecipe
  let context: TaskContext

  /// Maps a scene, and puts its pixels beside the labels.
  ///
  /// - Parameter isNeeded: whether a window of the scene has pixels that count.
  func map(
    _ labelled: SceneEntry, with model: SegmentationModel, beside reference: ReferenceLabels,
    isNeeded: @Sendable (Window) -> Bool
  ) throws {
    let opening = SceneOpening(file, adjustingFor: model.card)
    try ModelFiles.check(model.card, fits: opening, path: EvaluateStage.name)
    let scene = try opening.scene(of: labelled)
    let (grid, blocks) = (scene.grid, scene.blocks)
    do {
      _ = try sliding(model, grid, blocks).run(
        model, grid: grid, blocks: blocks, isNeeded: isNeeded, open: { try opening.scene(of: labelled) },
        sink: reference.collect, progress: { _, _ in }, isCancelled: { context.isCancelled })
    } catch SlidingInference.Failure.noValidPixel {
      throw TaskFailure(
        "evaluate: no pixel of \(labelled.scene.path) around its labels is valid", exitCode: .badData)
    }
  }

  /// The slide of the recipe; of a network that its memory does not hold, such as one beside the chain's, the
  /// one in as little memory as there can be.
  private func sliding(_ model: SegmentationModel, _ grid: Grid, _ blocks: StoredBlocks) throws
    -> SlidingInference
  {
    let sliding = try mapping.sliding(on: grid, for: EvaluateStage.name)
    do {
      _ = try sliding.peakMemory(of: model, on: grid, blocks: blocks)
      return sliding
    } catch SlidingInference.Failure.tooLittleMemory(_, let needed) {
      return try mapping.sliding(on: grid, for: EvaluateStage.name, needed: needed)
    }
  }
}
