import Checkpoints
import Chips
import Foundation
import Models
import Transfer

/// Trains a model on labelled chips.
struct FineTuneStage: ModelStage {
  static let name = "fine-tune"
  static let doc = "train the model on labelled scenes, the head first, then everything at a smaller rate"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.model

  /// Whose labels to learn from.
  enum Domain: String, CaseIterable { case target, source, both }

  let domain: Domain
  let recipe: TrainingRecipe
  let validation: Double
  private let blockSize: Int?
  private let patience: Int?

  init(_ settings: SettingsReader) {
    domain = settings.choice("data", of: Domain.self, default: .target, "whose labels to learn from")
    recipe = TrainingRecipe(settings, epochs: 30, strategy: .headThenFull)
    validation = settings.double(
      "validation", default: 0.2, in: 0...0.5,
      "the share of label blocks held out to choose the best weights by")
    blockSize = settings.optionalInt(
      "validation-block", in: 8...65_536, "their side in pixels; a chip without it")
    patience = settings.optionalInt(
      "patience", in: 1...100_000, "passes without a better validation score after which training ends")
    if patience != nil && validation == 0 {
      settings.problem("patience", "'patience' needs a 'validation' share")
    }
  }

  func resultName(of card: ModelCard) -> String {
    switch domain {
    case .target: "fine-tuned"
    case .source: "source only"
    case .both: "source and target"
    }
  }

  /// The labelled scenes that the stage learns from.
  func scenes(of file: PipelineFile) -> [LabelledScene] {
    let scenes =
      switch domain {
      case .target: file.data.target
      case .source: file.data.source
      case .both: file.data.source + file.data.target
      }
    return scenes.filter { $0.labels != nil }
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    let scenes = scenes(of: file)
    guard !scenes.isEmpty else {
      throw TaskFailure(
        "fine-tune learns from the labels of data.\(domain == .both ? "source and data.target" : domain.rawValue); "
          + "there are none", exitCode: .badPipelineFile)
    }
    return [
      planning.task(
        "train on \(domain.rawValue)", subject: "\(planning.stage.label)", in: .models, uses: .training,
        inputs: planning.inputs("labelled", scenes), after: planning.latestTasks(producing: .model)
      ) { context in
        let opening = SceneOpening(file)
        let model = try ModelFiles.read(context)
        let regions = try opening.regions(scenes)
        let history = try train(
          model, on: regions, file: file, seed: file.seed, progress: context.progress,
          isCancelled: { context.isCancelled })
        model.card.history.append("fine-tune (\(domain.rawValue))")
        model.card.hasTrainedHead = true
        model.card.trainedWith = ModelFiles.trainedWith(context)
        try ModelFiles.write(model, in: context)
        try TrainingHistory.write(history, to: context.directory)
        let best = history.compactMap(\.validation).max()
        return TaskResult(metrics: [
          "labelled pixels": .int(
            regions.reduce(0) { $0 + $1.counts(classes: file.classes.count).reduce(0, +) }),
          "validation mIoU": best.map(JSONValue.number) ?? .null,
        ])
      }
    ]
  }

  /// Trains on regions, some blocks of them held out for validation.
  ///
  /// - Parameter scratch: train everything at one rate from the start, which is what a fresh network needs; nil follows the
  ///   recipe.
  func train(
    _ model: SegmentationModel, on regions: [LabelledRegion], file: PipelineFile, seed: UInt64,
    scratch: ScratchBudget? = nil,
    progress: TaskProgress, isCancelled: () -> Bool
  ) throws -> [TrainingLoop.Epoch] {
    var recipe = recipe
    recipe.seed = seed
    recipe.patience = patience
    if let scratch {
      if recipe.strategy == .headThenFull { recipe.epochs += recipe.headEpochs }
      recipe.epochs = scratch.epochs ?? recipe.epochs
      recipe.learningRate = scratch.learningRate ?? recipe.learningRate
      recipe.strategy = .full
      recipe.encoderRate = 1
      recipe.frozen = []
    }
    let (training, held) = split(regions, file: file, seed: seed)
    let normalization = Normalization(model.card)
    let chips = file.chips
    let material = TrainingLoop.Material(
      training: ChipSet(training, normalization: normalization, size: chips.size, stride: chips.stride),
      validation: held.map {
        ChipSet($0, normalization: normalization, size: chips.size, stride: chips.size)
      },
      labelCounts: training.reduce(into: Array(repeating: 0, count: file.classes.count)) { sums, region in
        for (index, count) in region.counts(classes: sums.count).enumerated() { sums[index] += count }
      })
    progress.begin(TrainingLoop.steps(recipe, chips: material.training.chips.count), unit: "steps")
    var loop = TrainingLoop(recipe, model: model, material: material)
    return try loop.run(
      progress: { note in
        progress.advance()
        progress.note(note)
      }, isCancelled: isCancelled)
  }

  /// Training and validation labels; no validation where there are too few blocks to spare one.
  private func split(
    _ regions: [LabelledRegion], file: PipelineFile, seed: UInt64
  ) -> (training: [LabelledRegion], validation: [LabelledRegion]?) {
    guard validation > 0 else { return (regions, nil) }
    let folds = max(2, Int((1 / validation).rounded()))
    let blocks = SpatialBlocks(
      regions, size: blockSize ?? file.chips.size, folds: folds, classes: file.classes.count, seed: seed)
    guard blocks.count >= folds else { return (regions, nil) }
    return (blocks.keep({ $0 != 0 }, of: regions), blocks.keep({ $0 == 0 }, of: regions))
  }
}

/// What a network that starts from nothing is given; the recipe's own where nil.
struct ScratchBudget {
  var epochs: Int?
  var learningRate: Double?
}

/// The course of a training, one line a pass, beside the model.
enum TrainingHistory {
  static func write(_ history: [TrainingLoop.Epoch], to directory: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines = Data()
    for epoch in history {
      lines.append(try encoder.encode(epoch))
      lines.append(contentsOf: [UInt8(ascii: "\n")])
    }
    try lines.write(to: directory.appendingPathComponent("training.jsonl"))
  }
}
