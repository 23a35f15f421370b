import Chips
import Foundation
import Models
import Tensors
import Transfer

/// Trains a model on labelled chips.
struct FineTuneStage: LearningStage {
  static let name = "fine-tune"
  static let doc = "train the model on labelled scenes, the head first, then everything at a smaller rate"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.model

  /// Whose labels to learn from.
  enum Domain: String, CaseIterable { case target, source, both }

  private let domain: Domain
  private let recipe: TrainingRecipe
  private let validation: Double
  private let blockSize: Int?

  init(_ settings: SettingsReader) {
    domain = settings.choice("data", of: Domain.self, default: .target, "whose labels to learn from")
    var recipe = TrainingRecipe(settings, epochs: 30, strategy: .headThenFull)
    validation = settings.double(
      "validation", default: 0.2, in: 0...0.5,
      "the share of label blocks held out to choose the best weights by")
    blockSize = settings.optionalInt(
      "validation-block", in: 8...65_536, "their side in pixels; a chip without it")
    recipe.patience = settings.optionalInt(
      "patience", in: 1...100_000, "passes without a better validation score after which training ends")
    if recipe.patience != nil && validation == 0 {
      settings.problem("patience", "'patience' needs a 'validation' share")
    }
    self.recipe = recipe
  }

  var precision: Precision { recipe.precision }

  var resultName: String {
    switch domain {
    case .target: "fine-tuned"
    case .source: "source only"
    case .both: "source and target"
    }
  }

  func scenes(of file: PipelineFile) -> [LabelledScene] {
    let scenes =
      switch domain {
      case .target: file.data.target
      case .source: file.data.source
      case .both: file.data.source + file.data.target
      }
    return scenes.filter { $0.labels != nil }
  }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    guard scenes(of: file).isEmpty else { return [] }
    let part = domain == .both ? "source and data.target" : domain.rawValue
    return ["learns from the labels of data.\(part); there are none"]
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    return [
      planning.task(
        "train on \(domain.rawValue)", subject: planning.stage.label, in: .models, uses: .training,
        inputs: planning.inputs("labelled", scenes(of: file)), after: planning.latestTasks(producing: .model)
      ) { context in try carryOut(context, file: file, history: "fine-tune (\(domain.rawValue))") }
    ]
  }

  func learn(_ model: SegmentationModel, _ material: LearningMaterial) throws -> LearningOutcome {
    try learn(model, material, recipe: recipe)
  }

  /// Trains everything at one rate from the start, which is what a fresh network needs, on the same labels.
  func learnFromScratch(_ model: SegmentationModel, _ material: LearningMaterial, _ budget: ScratchBudget)
    throws
  {
    var recipe = recipe
    if recipe.strategy == .headThenFull { recipe.epochs += recipe.headEpochs }
    recipe.epochs = budget.epochs ?? recipe.epochs
    recipe.learningRate = budget.learningRate ?? recipe.learningRate
    recipe.strategy = .full
    recipe.encoderRate = 1
    recipe.frozen = []
    _ = try learn(model, material, recipe: recipe)
  }

  /// Trains by a recipe, some blocks of the labels held out for validation.
  private func learn(_ model: SegmentationModel, _ material: LearningMaterial, recipe: TrainingRecipe) throws
    -> LearningOutcome
  {
    let file = material.file
    let regions = try material.regions(of: scenes(of: file))
    let (training, held) = split(regions, file: file, seed: material.seed)
    let normalization = Normalization(model.card)
    let course = try material.train(
      model, recipe,
      .init(
        training: ChipSet(
          training, normalization: normalization, size: file.chips.size, stride: file.chips.stride),
        validation: held.map {
          ChipSet($0, normalization: normalization, size: file.chips.size, stride: file.chips.size)
        },
        labelCounts: material.counts(training)))
    return LearningOutcome(
      course: course,
      metrics: [
        "labelled pixels": .int(material.counts(regions).reduce(0, +)),
        "validation mIoU": course.compactMap(\.validation).max().map(JSONValue.number) ?? .null,
      ])
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
