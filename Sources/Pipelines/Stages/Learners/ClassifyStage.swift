import CPUKernels
import Checkpoints
import Chips
import Classes
import Foundation
import Learners
import Models
import Products
import Runs
import Scenes
import Settings
import Tasks
import Tensors
import Transfer

/// Learns a classifier of features of pixels, and hands it on as a model: it maps, and is scored, as networks
/// are.
///
/// It begins a chain, with features of the bands alone, or follows a network, whose encoder's maps can be
/// features; the network's own head is left behind.
struct ClassifyStage: LearningStage {
  static let name = "classify"
  static let doc =
    "learn a forest, a linear map or prototypes from features of labelled pixels: bands, contexts, an encoder's maps"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.model

  private let choice: LearnerChoice
  private let domain: LabelledDomain
  private let limit: Int
  private let recipe: FeatureRecipe
  /// Whether no network comes before the stage.
  private let begins: Bool

  init(_ settings: SettingsReader) { self.init(settings, begins: false) }

  init(_ settings: SettingsReader, behind chain: ChainBefore) {
    self.init(settings, begins: !chain.hasNetwork)
  }

  private init(_ settings: SettingsReader, begins: Bool) {
    choice = LearnerChoice(settings)
    domain = settings.choice("data", of: LabelledDomain.self, default: .target, "whose labels to learn from")
    limit = settings.int(
      "samples", default: 20_000, in: 1...10_000_000,
      "labelled pixels of each class at most, drawn by the seed")
    recipe = settings.mapping("features", "what the learner sees of a pixel", read: FeatureRecipe.init)
    if begins && !recipe.layers.isEmpty {
      settings.problem("features", "'layers' are maps of an encoder: put pretrain-load before classify")
    }
    self.begins = begins
  }

  var resultName: String {
    let name = choice.name.rawValue
    return switch domain {
    case .target: name
    case .source: "\(name) (source only)"
    case .both: "\(name) (source and target)"
    }
  }

  var network: (any StartingNetwork)? {
    begins ? FeaturesAlone(name: choice.name.rawValue, recipe: recipe) : nil
  }
  var precision: Precision { .fp32 }
  var networksOfEach: Int { 1 }
  var isTrainedByGradients: Bool { false }

  func scenes(of file: PipelineFile) -> [SceneEntry] { domain.scenes(of: file) }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = recipe.problems(bands: file.bands)
    if file.taskType.answersWholeWindows || !file.taskType.limits.hasOneClass {
      problems.append("gives each pixel a class; 'task: \(file.taskName)' asks for something else")
    }
    if file.comparison != nil { problems.append("sees one date; the network before it compares two") }
    if file.classes.isEmpty { problems.append("learns 'classes'; the file has none") }
    if scenes(of: file).isEmpty {
      problems.append("learns from the labels of \(domain.keys); there are none")
    }
    return problems
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    var inputs = planning.inputs("labelled", scenes(of: file))
    if begins { inputs.merge(planning.inputs("measured", FeaturesAlone.measured(file))) { own, _ in own } }
    return [
      planning.job(
        "learn \(choice.name.rawValue) on \(domain.rawValue)", subject: planning.stage.label, in: .models,
        uses: .training, inputs: inputs, after: begins ? [] : planning.latestJobs(producing: .model)
      ) { context in
        try context.leave(
          carryOut(
            context, file: file, step: LineageStep(Self.name, "\(choice.name.rawValue), \(domain.rawValue)")))
      }
    ]
  }

  func givenModel(_ context: JobContext, file: PipelineFile) throws -> Model {
    guard begins else { return try ModelFiles.read(context) }
    return try FeaturesAlone(name: choice.name.rawValue, recipe: recipe).model(file)
  }

  func blank(after model: Model) throws -> Model {
    let (classes, features) = (
      model.card.classes.count, try FeatureComputation(recipe, of: model).names.count
    )
    return try Model(
      LinearClassifier(
        weights: Array(repeating: 0, count: classes * features),
        intercepts: Array(repeating: 0, count: classes)), named: choice.name.rawValue, reading: recipe,
      over: model)
  }

  func learn(_ model: Model, _ material: any LearningMaterial) throws -> LearningOutcome {
    let regions = try material.regions(of: scenes(of: material.file), for: model)
    let samples = try LabelledFeatureTable(
      recipe, of: model, on: regions, limit: limit, blockSize: material.file.chips.size, seed: material.seed,
      kernels: Arithmetic(precision).kernels, progress: material.advance,
      isCancelled: { material.isCancelled })
    material.note("\(choice.name.rawValue) of \(samples.table.count) samples")
    let learned: Learned
    do {
      learned = try choice.learner.learn(
        samples.table, seed: material.seed, isCancelled: { material.isCancelled })
    } catch let fault as LearningFault {
      throw ClassifyFailure(learner: choice.name.rawValue, reason: fault.description)
    } catch let fault as ClassifierFault {
      throw ClassifyFailure(learner: choice.name.rawValue, reason: fault.description)
    }
    let trained = try Model(
      learned.classifier, named: choice.name.rawValue, reading: recipe, over: model)
    trained.card.trainingQuantiles =
      ChipSet(
        regions, normalization: Normalization(model.card), size: material.file.chips.size,
        stride: material.file.chips.size
      ).bandQuantiles
    let labelled = material.counts(regions)
    return LearningOutcome(
      model: trained, course: [],
      findings: [
        Finding(.labelledPixels, labelled.reduce(0, +)), Finding(.samples, samples.table.count),
        outOfBag(learned, samples.table), importance(learned, samples.names),
      ].compactMap(\.self), labelledPixels: labelled)
  }

  /// Returns the share of samples whose class the trees find that have not seen their ground.
  private func outOfBag(_ learned: Learned, _ table: FeatureTable) -> Finding? {
    guard let answers = learned.outOfBag else { return nil }
    let seen = zip(answers, table.classes).filter { $0.0 != nil }
    guard !seen.isEmpty else { return nil }
    return Finding(.outOfBagAccuracy, Double(seen.count { $0.0 == $0.1 }) / Double(seen.count))
  }

  /// Returns the features in the order of their importance.
  private func importance(_ learned: Learned, _ names: [String]) -> Finding? {
    guard let shares = learned.importance else { return nil }
    let order = shares.indices.sorted { (-shares[$0], $0) < (-shares[$1], $1) }
    return Finding(
      .featureImportance,
      .table(
        FindingTable(
          [.init("feature"), .init("share")],
          order.prefix(30).map { [.string(names[$0]), .number(shares[$0])] })))
  }
}

/// A reason why a classifier cannot be learned, in one sentence.
struct ClassifyFailure: Error, ExitCoded, CustomStringConvertible {
  /// The name of the learner.
  let learner: String
  /// The reason, in one phrase.
  let reason: String

  var description: String { "\(learner): \(reason)" }
  var exitCode: ExitCode { .badData }
}
