import Checkpoints
import Chips
import Foundation
import Models
import Rasters
import Transfer

/// Scores models on scenes whose labels nothing was trained on, slid over as in mapping.
struct HeldOutEvaluation {
  let chain: EvaluatedChain
  let scenes: [LabelledScene]

  /// Pixels that neighbouring windows share, and the context that is read around the labels.
  private static let overlap = 64

  func scores() throws -> [EvaluationReport.Score] {
    var board = ScoreBoard()
    for (index, stage) in chain.stages.enumerated() {
      let model = try chain.model(index)
      guard model.card.hasTrainedHead else { continue }
      chain.context.progress.note("score \(stage.resultName)")
      board.add(try score(model), to: .stage(index))
    }
    let material = LearningMaterial(file: chain.file, context: chain.context)
    if let model = try chain.modelFromScratch(material) { board.add(try score(model), to: .scratch) }
    return board.scores(of: chain.stages)
  }

  private func score(_ model: SegmentationModel) throws -> ConfusionMatrix {
    let opening = SceneOpening(chain.file)
    try ModelFiles.check(model.card, fits: opening, path: "evaluate")
    let sliding = SlidingInference(
      .init(window: 512, overlap: Self.overlap, blend: .hann, memory: 2 << 30))
    var matrix = ConfusionMatrix(classes: chain.file.classes.count)
    for labelled in scenes where labelled.labels != nil {
      let reference = try ReferenceRows(
        labelled, opening, classes: chain.file.classes.count, margin: Self.overlap)
      do {
        _ = try sliding.run(
          model, grid: reference.grid, blocks: reference.blocks,
          open: { try opening.scene(at: labelled.scene, within: reference.window) },
          sink: reference.compare, progress: { _, _ in }, isCancelled: { chain.context.isCancelled })
      } catch SlidingInference.Failure.noValidPixel {
        throw TaskFailure(
          "evaluate: no pixel of \(labelled.scene.path) around its labels is valid", exitCode: .badData)
      }
      matrix.add(reference.matrix)
    }
    return matrix
  }
}

/// Compares finished parts of a map with labels, on the part of the scene where the labels lie.
private final class ReferenceRows: @unchecked Sendable {
  /// The labels' bounding box with a margin, on the scene's grid.
  let window: Window
  /// The grid of that part.
  let grid: Grid
  /// The blocks that the scene is stored in.
  let blocks: StoredBlocks
  private(set) var matrix: ConfusionMatrix
  // Opened here, read on the thread that hands the rows out, and nowhere else.
  private let labels: Labels

  init(_ labelled: LabelledScene, _ opening: SceneOpening, classes: Int, margin: Int) throws {
    let scene = try opening.scene(at: labelled.scene)
    let whole = scene.grid
    labels = try opening.labels(of: labelled, on: whole)!
    guard let bounds = try labels.bounds() else {
      throw RasterError(
        .noLabels, "read labels", path: labels.source.path,
        cause: "no labelled pixel of the pipeline's classes falls on \(labelled.scene.lastPathComponent)")
    }
    window = bounds.grown(by: margin).intersection(whole.bounds)!
    grid = whole.forWindow(window)
    blocks = scene.blocks
    matrix = ConfusionMatrix(classes: classes)
  }

  @Sendable func compare(_ part: MapPart) throws {
    let reference = try labels.read(part.window.offset(columns: window.column, rows: window.row))
    matrix.add(reference: reference, mapped: part.classes)
  }
}
