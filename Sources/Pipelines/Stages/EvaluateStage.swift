import Foundation

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
    /// Blocks of those of data.target (of data.source, where nothing learned from the target), in turn: the first stage
    /// that saw labels there and all that follow it are trained anew.
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

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    switch split {
    case .heldOut:
      return file.data.test.contains { $0.labels != nil }
        ? [] : ["a held-out split needs labelled scenes in data.test"]
    case .spatialBlocks:
      return earlier.contains { $0.stage is FineTuneStage }
        ? [] : ["a split into spatial blocks needs a fine-tune stage before it"]
    }
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    let models = planning.modelTasks
    let stages = models.map(\.stage)
    let recipe = stages.lazy.compactMap { $0 as? FineTuneStage }.last
    let labels = split == .heldOut ? file.data.test : BlockEvaluation.scenes(of: file, learnedBy: stages)
    var inputs = planning.inputs("held out", labels)
    if fromScratch, let recipe {
      inputs.merge(planning.inputs("labelled", recipe.scenes(of: file))) { own, _ in own }
    }
    return [
      planning.task(
        "evaluate", subject: planning.stage.label, in: .reports, uses: .training, inputs: inputs,
        after: models.map(\.task)
      ) { context in
        let chain = EvaluatedChain(
          file: file, context: context, stages: stages,
          scratch: fromScratch ? recipe.map { ($0, scratch) } : nil)
        let scores =
          switch split {
          case .heldOut: try HeldOutEvaluation(chain: chain, scenes: labels).scores()
          case .spatialBlocks:
            try BlockEvaluation(
              chain: chain, scenes: labels, size: blockSize ?? file.chips.size, folds: folds
            ).scores()
          }
        let report = EvaluationReport(
          split: split.rawValue, classes: file.classes.map(\.name), scores: scores)
        try report.write(to: context.directory)
        return TaskResult(metrics: report.metrics, warnings: report.warnings + chain.warnings)
      }
    ]
  }
}
