import Checkpoints
import Foundation
import Layers
import Mapping
import Models
import Rasters
import Runs
import Scenes
import Tasks
import Transfer

/// The maps that models are scored by: those that `inference` would make of the same scenes, as far as there
/// are labels.
struct ScoredMaps {
  let file: PipelineFile
  let mapping: MappingRecipe
  let context: JobContext

  /// Maps a scene, and puts its answers beside the labels.
  ///
  /// - Parameter isNeeded: whether a window of the scene has pixels that count.
  func map<Task: PredictionTask>(
    _ labelled: SceneEntry, with model: Model, _ task: Task, beside reference: Task.Reference,
    isNeeded: @Sendable (Window) -> Bool
  ) throws {
    let opening = SceneOpening(file, adjustingFor: model.card)
    try ModelFiles.check(model.card, fits: opening, path: EvaluationDesign.stage)
    let scene = try opening.scene(of: labelled)
    let (grid, blocks) = (scene.grid, scene.blocks)
    let predictor = mapping.predictor(model, task)
    do {
      _ = try sliding(task, predictor, grid, blocks).run(
        task, by: predictor, grid: grid, blocks: blocks, isNeeded: isNeeded,
        open: { try opening.scene(of: labelled) },
        sink: reference.collect, progress: { _, _ in }, isCancelled: { context.isCancelled })
    } catch SlidingInference.Failure.noValidPixel {
      throw EvaluationFailure.noValidPixel(scene: labelled.scene.path)
    }
  }

  /// Returns the slide of the recipe; of a network that its memory does not hold, such as one beside the
  /// chain's, the one in as little memory as there can be.
  private func sliding(
    _ task: some PredictionTask, _ predictor: any Predictor, _ grid: Grid, _ blocks: StoredBlocks
  ) throws -> SlidingInference {
    let sliding = try mapping.sliding(over: file, on: grid, for: EvaluationDesign.stage)
    do {
      _ = try sliding.peakMemory(of: task, by: predictor, on: grid, blocks: blocks)
      return sliding
    } catch SlidingInference.Failure.tooLittleMemory(_, let needed) {
      return try mapping.sliding(over: file, on: grid, for: EvaluationDesign.stage, needed: needed)
    }
  }
}
