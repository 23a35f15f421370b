import CPUKernels
import Checkpoints
import Mapping
import Models
import Rasters
import Scenes
import Tasks

extension SlidingInference {
  /// Maps the classes of a scene's pixels, in Float32.
  func run(
    _ model: Model, seesMirrored: Bool = false, grid: Grid, blocks: StoredBlocks,
    isNeeded: @Sendable (Window) -> Bool = { _ in true }, open: @escaping @Sendable () throws -> Scene,
    sink: @escaping @Sendable (ClassMapPart) throws -> Void, progress: (Int, Int) -> Void,
    isCancelled: () -> Bool
  ) throws -> Int {
    let task = Segmentation(classes: model.card.classes.count)
    return try run(
      task,
      by: NetworkPredictor(model, task, kernels: KernelSet.standard, seesMirrored: seesMirrored),
      grid: grid, blocks: blocks, isNeeded: isNeeded, open: open, sink: sink, progress: progress,
      isCancelled: isCancelled)
  }

  /// The memory of such a slide.
  func peakMemory(of model: Model, on grid: Grid, blocks: StoredBlocks) throws -> Int {
    let task = Segmentation(classes: model.card.classes.count)
    return try peakMemory(
      of: task, by: NetworkPredictor(model, task, kernels: KernelSet.standard), on: grid, blocks: blocks)
  }
}
