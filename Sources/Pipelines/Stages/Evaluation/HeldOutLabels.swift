import Checkpoints
import Chips
import Foundation
import Layers
import Models
import Rasters
import Transfer

/// Labels to score models by.
protocol HeldOutLabels {
  /// The scores of a model on them.
  func score(_ model: SegmentationModel) throws -> ModelScores
  /// Their regions, in memory, adjusted as a model's card says.
  func regions(for card: ModelCard) throws -> [LabelledRegion]
}

/// Labels that a fold holds out, in memory.
struct HeldOutRegions: HeldOutLabels {
  let file: PipelineFile
  /// As their scenes are.
  let held: [LabelledRegion]
  /// The scenes that they are parts of.
  let scenes: [LabelledScene]

  func regions(for card: ModelCard) throws -> [LabelledRegion] {
    let opening = SceneOpening(file, adjustingFor: card)
    return try zip(held, scenes).map { try opening.adjusted($0, of: $1) }
  }

  func score(_ model: SegmentationModel) throws -> ModelScores {
    let chips = ChipSet(
      try regions(for: model.card), normalization: Normalization(model.card), size: file.chips.size,
      stride: file.chips.size)
    return ChipScoring.scores(model, on: chips, batch: 8)
  }
}

/// Scenes whose labels nothing was trained on, slid over as in mapping.
struct HeldOutScenes: HeldOutLabels {
  let file: PipelineFile
  let context: TaskContext
  let scenes: [LabelledScene]
  let seesMirrored: Bool

  /// Pixels that neighbouring windows share, and the context that is read around the labels.
  private static let overlap = 64

  func regions(for card: ModelCard) throws -> [LabelledRegion] {
    try scenes.filter { $0.labels != nil }.map(SceneOpening(file, adjustingFor: card).region)
  }

  func score(_ model: SegmentationModel) throws -> ModelScores {
    let opening = SceneOpening(file, adjustingFor: model.card)
    try ModelFiles.check(model.card, fits: opening, path: "evaluate")
    // Whatever the weights take, and room to slide: what is scored here was trained here, in more memory than that.
    let weights = 4 * MemoryLayout<Float>.stride * model.network.parameters.learnedCount
    let sliding = SlidingInference(
      .init(
        window: 512, overlap: Self.overlap, blend: .hann, memory: 2 << 30 + weights,
        seesMirrored: seesMirrored))
    var scores = ModelScores(classes: file.classes.count)
    for labelled in scenes where labelled.labels != nil {
      let reference = try ReferenceRows(labelled, opening, margin: Self.overlap)
      do {
        _ = try sliding.run(
          model, grid: reference.grid, blocks: reference.blocks,
          open: { try opening.scene(of: labelled, within: reference.window) },
          sink: reference.collect, progress: { _, _ in }, isCancelled: { context.isCancelled })
      } catch SlidingInference.Failure.noValidPixel {
        throw TaskFailure(
          "evaluate: no pixel of \(labelled.scene.path) around its labels is valid", exitCode: .badData)
      }
      reference.add(to: &scores)
    }
    return scores
  }
}

/// Collects finished parts of a map beside the labels, on the part of the scene where the labels lie.
private final class ReferenceRows: @unchecked Sendable {
  /// The labels' bounding box with a margin, on the scene's grid.
  let window: Window
  /// The grid of that part.
  let grid: Grid
  /// The blocks that the scene is stored in.
  let blocks: StoredBlocks
  // Opened here, read on the thread that hands the rows out, and nowhere else.
  private let labels: Labels
  private var (reference, classes, confidence): ([UInt8], [UInt8], [UInt8])

  init(_ labelled: LabelledScene, _ opening: SceneOpening, margin: Int) throws {
    let scene = try opening.scene(of: labelled)
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
    let empty = [UInt8](repeating: 255, count: window.pixelCount)
    (reference, classes, confidence) = (empty, empty, empty)
  }

  @Sendable func collect(_ part: MapPart) throws {
    let labels = try labels.read(part.window.offset(columns: window.column, rows: window.row))
    for row in 0..<part.window.height {
      let target = (part.window.row + row) * window.width + part.window.column
      for column in 0..<part.window.width {
        let source = row * part.window.width + column
        reference[target + column] = labels[source]
        classes[target + column] = part.classes[source]
        confidence[target + column] = part.confidence[source]
      }
    }
  }

  func add(to scores: inout ModelScores) {
    scores.add(
      reference: reference, mapped: classes, confidence: confidence.map { Float($0) / 100 },
      width: window.width)
    scores.addMappedArea(classes, pixelArea: grid.pixelAreaInSquareMetres)
  }
}
