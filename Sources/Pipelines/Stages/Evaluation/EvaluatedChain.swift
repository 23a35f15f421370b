import Checkpoints
import Chips
import Foundation
import Models
import Runs
import Tasks
import Tensors
import Transfer

/// The models of a chain, and those beside them, as an evaluation trains and sees them.
struct EvaluatedChain {
  let file: PipelineFile
  let context: JobContext
  /// The stages that made the models, in order.
  let stages: [any ModelStage]
  let design: EvaluationDesign
  /// The recipe by which the models' maps that are scored are made.
  let mapping: MappingRecipe

  /// The last stage that learns from labels by a recipe: the one that candidates and the network from scratch
  /// stand in for.
  var lastFineTune: Int? { stages.lastIndex { $0.learning?.supervised != nil } }

  private var fineTune: (any SupervisedStage)? { lastFineTune.flatMap { stages[$0].learning?.supervised } }

  /// The precision in which the last fine-tune trains.
  var precision: Precision { fineTune?.precision ?? .fp32 }

  /// Whether the last fine-tune takes the classes as ordered.
  var takesClassesAsOrdered: Bool { fineTune?.recipe.loss.names.contains(.earthMover) ?? false }

  /// Returns whether the model that stage `index` left has learned from labels of the target.
  func hasSeenTargetLabels(_ index: Int) -> Bool {
    Array(stages[...index]).learnedScenes(of: file).contains { file.data.target.contains($0) }
  }

  /// Returns whether the evaluation trains a model on the source alone: where the source has labels, and no
  /// stage before the last one leaves a model that knows the classes and no label of the target.
  func trainsSourceOnly(beside visited: [EvaluatedModel]) -> Bool {
    guard fineTune != nil, file.data.source.contains(where: \.isLabelled) else { return false }
    return !visited.contains { contestant in
      guard case .stage(let index) = contestant else { return false }
      return !hasSeenTargetLabels(index)
    }
  }

  /// Returns the name of a contestant in tables. Where several with scores are called the same, the later
  /// ones have a number.
  func name(of contestant: EvaluatedModel, among scored: [EvaluatedModel]) -> String {
    let name = plainName(of: contestant)
    let earlier = scored.prefix { $0 != contestant }.count { plainName(of: $0) == name }
    return earlier == 0 ? name : "\(name) (\(earlier + 1))"
  }

  private func plainName(of contestant: EvaluatedModel) -> String {
    switch contestant {
    case .stage(let index): stages[index].resultName
    case .sourceOnly: "source only"
    case .scratch: "from scratch"
    case .candidate(let index): design.candidates[index].name
    case .chosen: "best by inner folds"
    }
  }

  /// Warnings of the arithmetic in which an evaluation trains.
  var warnings: [String] {
    let precisions =
      stages.compactMap { $0.learning?.precision } + design.candidates.map(\.recipe.precision)
    return Set((precisions.map(Arithmetic.init) + [mapping.arithmetic]).flatMap(\.warnings)).sorted()
  }

  /// Reads the model that stage `index` left.
  func model(_ index: Int) throws -> Model { try ModelFiles.read(context, input: index) }

  // MARK: - Trials

  /// Trains the models that a trial asks for, and shows each that knows the classes while it is as it is.
  ///
  /// - Parameter visit: gets the contestant, its model, and the seconds and the passes of its own training.
  func run(_ trial: Trial, visit: (EvaluatedModel, Model, Training) throws -> Void) throws {
    var visited: [EvaluatedModel] = []
    func show(_ contestant: EvaluatedModel, _ model: Model, _ training: Training = Training()) throws {
      guard model.card.hasTrainedHead else { return }
      visited.append(contestant)
      try visit(contestant, model, training)
    }
    var before: Model?
    _ = try walk(stages.indices, trial) { index, model, training in
      if index + 1 == lastFineTune, !design.candidates.isEmpty { before = model.copy() }
      try show(.stage(index), model, training)
    }
    if trainsSourceOnly(beside: visited), let (model, training) = try sourceOnly(trial) {
      try show(.sourceOnly, model, training)
    }
    if design.fromScratch, let (model, training) = try modelFromScratch(trial) {
      try show(.scratch, model, training)
    }
    if let before {
      for index in design.candidates.indices {
        let (model, training) = try candidate(index, from: before.copy(), trial)
        try show(.candidate(index), model, training)
      }
    }
  }

  /// Goes through stages as a trial asks for: takes their models as they stand, or trains them anew.
  ///
  /// - Parameter visit: gets each stage's model while it is as it is.
  /// - Returns: the last one's model; nil where there is no stage.
  private func walk(
    _ places: Range<Int>, _ trial: Trial,
    visit: (Int, Model, Training) throws -> Void = { _, _, _ in }
  ) throws -> Model? {
    var model: Model?
    for index in places {
      var training = Training()
      if let learning = stages[index].learning, index >= trial.firstTrained ?? .max,
        // A stage that begins the chain learns anew from what it has made of the scenes.
        let current = try model ?? (stages[index].network == nil ? nil : modelOf(index, trial))
      {
        (model, training) = try learn(
          learning, current, trial, named: "stage\(index)", follows: index == lastFineTune)
      } else {
        model = try modelOf(index, trial)
      }
      if let model { try visit(index, model, training) }
    }
    return model
  }

  /// The course of one contestant's training.
  struct Training {
    var seconds = 0.0
    var course: [TrainingLoop.Epoch] = []
    /// Warnings of the training.
    var warnings: [String] = []
  }

  /// Trains the model that a contestant without transfer ends up with; nil for any other contestant.
  func train(_ contestant: EvaluatedModel, on trial: Trial) throws -> Model? {
    switch contestant {
    case .sourceOnly: try sourceOnly(trial)?.0
    case .scratch: try modelFromScratch(trial)?.0
    case .stage, .candidate, .chosen: nil
    }
  }

  /// Trains the first model on the source alone, by the recipe of the last fine-tune; nil where the chain
  /// fine-tunes nothing.
  private func sourceOnly(_ trial: Trial) throws -> (Model, Training)? {
    guard let fineTune else { return nil }
    return try learn(
      fineTune.onSource, try modelOf(0, trial), trial, named: "source-only")
  }

  /// Trains the network of the pipeline from scratch on the trial's labels; nil where the chain fine-tunes
  /// nothing.
  private func modelFromScratch(_ trial: Trial) throws -> (Model, Training)? {
    guard let fineTune else { return nil }
    var card = try model(stages.count - 1).card
    (card.hasTrainedHead, card.members) = (false, nil)
    let fresh = try Model(card: card, seed: trial.seed &+ 1)
    let stage = fineTune.trained(by: design.scratch.recipe(fineTune.recipe))
    return try learn(stage, fresh, trial, named: "scratch", follows: true)
  }

  private func candidate(_ index: Int, from start: Model, _ trial: Trial) throws -> (
    Model, Training
  ) {
    guard let lastFineTune, let fineTune else { preconditionFailure("candidates without a fine-tune") }
    let stage = fineTune.trained(by: design.candidates[index].recipe)
    var (model, training) = try learn(stage, start, trial, named: "candidate\(index)")
    for place in stages.indices where place > lastFineTune {
      guard let learning = stages[place].learning else { continue }
      let (next, more) = try learn(learning, model, trial, named: "candidate\(index)-stage\(place)")
      model = next
      training.seconds += more.seconds
      training.warnings += more.warnings
    }
    return (model, training)
  }

  /// Finds the candidate that does best by the trial's inner folds.
  func bestCandidate(_ trial: Trial, score: (Trial, Model) throws -> Double) throws -> Int {
    guard let lastFineTune else { preconditionFailure("candidates without a fine-tune") }
    var sums = Array(repeating: 0.0, count: design.candidates.count)
    for inner in trial.inner {
      guard let model = try walk(0..<lastFineTune, inner) else { continue }
      for index in sums.indices {
        sums[index] += try score(inner, try candidate(index, from: model.copy(), inner).0)
      }
    }
    return sums.indices.max { sums[$0] < sums[$1] }!
  }

  /// Returns a stage's model as it stands, or where a trial has another seed, a fresh network drawn anew.
  private func modelOf(_ index: Int, _ trial: Trial) throws -> Model {
    let model = try model(index)
    guard trial.isReseeded, let network = stages[index].network, network.isFresh else { return model }
    return try Model(card: model.card, seed: trial.seed)
  }

  private func learn(
    _ stage: any LearningStage, _ model: Model, _ trial: Trial, named name: String,
    follows: Bool = false
  ) throws -> (Model, Training) {
    try context.checkCancellation()
    context.progress.note("\(trial.title): \(stage.resultName)")
    var material = TrainingMaterial(
      file: file, context: context, training: "\(trial.id)-\(name)", seed: trial.seed, keeping: trial.kept)
    if follows && design.followsPasses {
      let size = file.chips.size
      material.monitored = {
        .init(
          try trial.heldOut.regions(for: $0), normalization: Normalization($0), size: size, stride: size)
      }
    }
    let start = ContinuousClock.now
    let outcome = try stage.learn(model, material)
    let training = Training(
      seconds: start.secondsSince, course: outcome.course, warnings: outcome.warnings)
    return (outcome.model, training)
  }
}
