import Checkpoints
import Chips
import Foundation
import Layers
import Models
import Rasters
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
    _ labelled: LabelledScene, with model: SegmentationModel, beside reference: ReferenceLabels,
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

/// Labels of a part of a scene, and beside them the map's pixels as they come.
final class ReferenceLabels: @unchecked Sendable {
  /// The part, on the scene's grid.
  private let window: Window
  private let reference: [UInt8]
  // Written on the thread that hands the map out, and read when it has ended.
  private var (classes, confidence): ([UInt8], [UInt8])

  /// Class indices row by row, ``ignored`` where unlabelled.
  init(_ reference: [UInt8], in window: Window) {
    (self.reference, self.window) = (reference, window)
    classes = Array(repeating: ignored, count: reference.count)
    confidence = classes
  }

  /// Whether any labelled pixel lies in a window of the scene.
  func hasLabels(in other: Window) -> Bool {
    guard let shared = other.intersection(window) else { return false }
    return shared.rows.contains { row in
      let start = (row - window.row) * window.width + shared.column - window.column
      return reference[start..<start + shared.width].contains { $0 != ignored }
    }
  }

  @Sendable func collect(_ part: MapPart) throws {
    guard let shared = part.window.intersection(window) else { return }
    for row in shared.rows {
      let source = (row - part.window.row) * part.window.width + shared.column - part.window.column
      let target = (row - window.row) * window.width + shared.column - window.column
      let (from, to) = (source..<source + shared.width, target..<target + shared.width)
      classes.replaceSubrange(to, with: part.classes[from])
      confidence.replaceSubrange(to, with: part.confidence[from])
    }
  }

  /// Counts the labelled pixels.
  func add(to scores: inout ModelScores) {
    scores.add(
      reference: reference, mapped: classes, confidence: confidence.map { Float($0) / 100 },
      width: window.width)
  }

  /// Counts all pixels of the part, labelled or not.
  func addAreas(to scores: inout ModelScores, on grid: Grid) {
    scores.addMappedArea(classes, pixelArea: grid.pixelAreaInSquareMetres)
  }
}
