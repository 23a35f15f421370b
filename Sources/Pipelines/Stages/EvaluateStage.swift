import Checkpoints
import Chips
import Foundation
import Layers
import Models
import Rasters
import Transfer

/// Scores every model of the chain, and beside them the same network trained from scratch on the same labels.
struct EvaluateStage: Stage {
  static let name = "evaluate"
  static let doc =
    "score every model so far, and the same network trained from scratch, on labels they have not seen"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.report

  /// Which labels are held out.
  private enum Split: String, CaseIterable {
    /// Those of data.test.
    case heldOut = "held-out"
    /// Blocks of those of data.target, in turn: the recipe is trained anew for each fold.
    case spatialBlocks = "spatial-blocks"
  }

  private let split: Split
  private let folds: Int
  private let blockSize: Int?
  private let fromScratch: Bool
  private let scratch: ScratchBudget

  init(_ settings: SettingsReader) {
    split = settings.choice("split", of: Split.self, default: .heldOut, "which labels are held out")
    folds = settings.int("folds", default: 4, in: 2...100, "parts that blocks are dealt to (spatial-blocks)")
    blockSize = settings.optionalInt("block", in: 8...65_536, "side of a block in pixels; a chip without it")
    fromScratch = settings.bool(
      "from-scratch", default: true, "train the same network from scratch beside the recipe")
    scratch = ScratchBudget(
      epochs: settings.optionalInt(
        "scratch-epochs", in: 1...100_000, "its passes over the chips; those of the recipe without it"),
      learningRate: settings.optionalDouble(
        "scratch-learning-rate", in: 1e-9...10,
        "its learning rate, which may need to be higher; the recipe's without it"))
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    let models = planning.modelTasks
    let recipe = planning.stages(of: FineTuneStage.self).last
    let scenes = split == .heldOut ? file.data.test : recipe?.scenes(of: file) ?? []
    guard scenes.contains(where: { $0.labels != nil }) else {
      throw TaskFailure(
        split == .heldOut
          ? "evaluate: a held-out split needs labelled scenes in data.test"
          : "evaluate: a split into spatial blocks needs a fine-tune stage with labels before it",
        exitCode: .badPipelineFile)
    }
    var inputs = planning.inputs("held out", scenes)
    if fromScratch, let recipe {
      inputs.merge(planning.inputs("labelled", recipe.scenes(of: file))) { own, _ in own }
    }
    return [
      planning.task(
        "evaluate", subject: planning.stage.label, in: .reports, uses: .training, inputs: inputs,
        after: models.map(\.task), extra: recipe.map { _ in planning.recipeSettings } ?? .null
      ) { context in
        let stages = models.map(\.stage)
        let scores =
          split == .heldOut
          ? try heldOut(context, file: file, scenes: scenes, stages: stages, recipe: recipe)
          : try crossValidated(context, file: file, scenes: scenes, stages: stages, recipe: recipe!)
        let report = EvaluationReport(
          split: split.rawValue, classes: file.classes.map(\.name), scores: scores)
        try report.write(to: context.directory)
        return TaskResult(metrics: report.metrics, warnings: report.warnings)
      }
    ]
  }

  // MARK: Held-out labels

  private func heldOut(
    _ context: TaskContext, file: PipelineFile, scenes: [LabelledScene], stages: [any ModelStage],
    recipe: FineTuneStage?
  ) throws -> [EvaluationReport.Score] {
    var scores: [EvaluationReport.Score] = []
    for (index, stage) in stages.enumerated() {
      let model = try ModelFiles.read(context, input: index)
      guard model.card.hasTrainedHead else { continue }
      context.progress.note("score \(stage.resultName(of: model.card))")
      let matrix = try score(model, on: scenes, file: file, context)
      scores.append(.init(name: stage.resultName(of: model.card), matrix: matrix))
    }
    if fromScratch, let recipe {
      let model = try freshModel(context, file: file)
      let regions = try SceneOpening(file).regions(recipe.scenes(of: file))
      _ = try recipe.train(
        model, on: regions, file: file, seed: file.seed, scratch: scratch, progress: context.progress,
        isCancelled: { context.isCancelled })
      scores.append(
        .init(name: EvaluationReport.fromScratch, matrix: try score(model, on: scenes, file: file, context)))
    }
    return scores
  }

  private func score(
    _ model: SegmentationModel, on scenes: [LabelledScene], file: PipelineFile, _ context: TaskContext
  ) throws -> ConfusionMatrix {
    let opening = SceneOpening(file)
    try ModelFiles.check(model.card, fits: opening, path: "evaluate")
    let sliding = SlidingInference(.init(window: 512, overlap: 64, blend: .hann, memory: 2 << 30))
    var matrix = ConfusionMatrix(classes: file.classes.count)
    for labelled in scenes where labelled.labels != nil {
      let grid = try opening.scene(at: labelled.scene).grid
      let reference = ReferenceRows(classes: file.classes.count, width: grid.width) {
        try opening.labels(of: labelled, on: grid)!
      }
      _ = try sliding.run(
        model, grid: grid, open: { try opening.scene(at: labelled.scene) }, sink: reference.compare,
        progress: { _, _ in }, isCancelled: { context.isCancelled })
      matrix.add(reference.matrix)
    }
    return matrix
  }

  // MARK: Spatial blocks

  private func crossValidated(
    _ context: TaskContext, file: PipelineFile, scenes: [LabelledScene], stages: [any ModelStage],
    recipe: FineTuneStage
  ) throws -> [EvaluationReport.Score] {
    let regions = try SceneOpening(file).regions(scenes)
    let blocks = SpatialBlocks(
      regions, size: blockSize ?? file.chips.size, folds: folds, classes: file.classes.count, seed: file.seed)
    guard blocks.count >= folds else {
      throw TaskFailure(
        "evaluate: the labels lie in \(blocks.count) blocks, too few for \(folds) folds: lower 'block' or 'folds'",
        exitCode: .badData)
    }
    // Each fold starts from the last model that has seen no label of the target, or held-out labels would leak.
    let last = stages.lastIndex { $0 is FineTuneStage }!
    let start = max(
      0, (stages.firstIndex { ($0 as? FineTuneStage).map { $0.domain != .source } ?? false } ?? last) - 1)
    var matrices: [(name: String, matrix: ConfusionMatrix)] = []
    func add(_ name: String, _ matrix: ConfusionMatrix) {
      if let place = matrices.firstIndex(where: { $0.name == name }) {
        matrices[place].matrix.add(matrix)
      } else {
        matrices.append((name, matrix))
      }
    }
    for fold in 0..<folds {
      let training = blocks.keep({ $0 != fold }, of: regions)
      let held = blocks.keep({ $0 == fold }, of: regions)
      func score(_ name: String, _ model: SegmentationModel) {
        let chips = ChipSet(
          held, normalization: Normalization(model.card), size: file.chips.size, stride: file.chips.size)
        add(name, ChipScoring.score(model, on: chips, batch: recipe.recipe.batch))
      }
      func train(_ model: SegmentationModel, scratch: ScratchBudget?) throws {
        _ = try recipe.train(
          model, on: training, file: file, seed: file.seed &+ UInt64(fold), scratch: scratch,
          progress: context.progress, isCancelled: { context.isCancelled })
      }
      let model = try ModelFiles.read(context, input: start)
      if model.card.hasTrainedHead { score(stages[start].resultName(of: model.card), model) }
      try train(model, scratch: nil)
      score(stages[last].resultName(of: model.card), model)
      guard fromScratch else { continue }
      let fresh = try freshModel(context, file: file)
      try train(fresh, scratch: scratch)
      score(EvaluationReport.fromScratch, fresh)
    }
    return matrices.map { .init(name: $0.name, matrix: $0.matrix) }
  }

  /// The last model's network with fresh weights.
  private func freshModel(_ context: TaskContext, file: PipelineFile) throws -> SegmentationModel {
    let card = try ModelFiles.read(context, input: context.inputs.count - 1).card
    return try SegmentationModel(card: card, seed: file.seed &+ 1)
  }
}

/// Compares finished rows of a map with labels; the labels are opened on the thread that hands the rows out.
private final class ReferenceRows: @unchecked Sendable {
  private(set) var matrix: ConfusionMatrix
  private let width: Int
  private let open: @Sendable () throws -> Labels
  private var labels: Labels?

  init(classes: Int, width: Int, open: @escaping @Sendable () throws -> Labels) {
    matrix = ConfusionMatrix(classes: classes)
    (self.width, self.open) = (width, open)
  }

  @Sendable func compare(_ rows: SlidingInference.Rows) throws {
    let labels = try self.labels ?? open()
    self.labels = labels
    let reference = try labels.read(Window(column: 0, row: rows.first, width: width, height: rows.count))
    matrix.add(reference: reference, mapped: rows.classes)
  }
}

extension Planning {
  /// The settings of the last fine-tune stage, on which the network from scratch depends.
  fileprivate var recipeSettings: JSONValue {
    earlierStages.last { $0.stage is FineTuneStage }?.settings ?? .null
  }
}
