import CPUKernels
import Checkpoints
import Chips
import Layers
import Models
import NumericOracles
import Tasks
import Tensors
import Testing
import Transfer

/// Training on chips of 32 pixels, a fraction of a second a pass; one at a time, because a second one on the
/// same cores makes neither faster.
@Suite("Training", .serialized)
struct TrainingLoopTests {
  private func recipe(_ strategy: TrainingStrategy = .full, epochs: Int) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    recipe.strategy = strategy
    recipe.epochs = epochs
    recipe.headEpochs = 1
    recipe.batch = 4
    recipe.learningRate = 2e-3
    recipe.stageRates = .encoder(1)
    recipe.seed = 3
    return recipe
  }

  private func train(
    _ model: Model, _ recipe: TrainingRecipe, _ material: TrainingMaterial,
    alignment: (chips: ChipSet, weight: Double)? = nil, progress: (String) -> Void = { _ in }
  ) throws -> [TrainingLoop.Epoch] {
    var loop = TrainingLoop(
      recipe, model: model,
      material: .init(
        training: material.training, validation: material.validation, labelCounts: material.counts,
        adaptation: alignment.map { chips, weight in
          .init(Alignment(CorrelationAlignment(weight: weight), to: chips))
        }), kernels: KernelSet.standard, exact: KernelSet.standard)
    return try loop.run(progress: { progress($0.description) }, isCancelled: { false }).history
  }

  @Test("A trivial problem is learned: 95 percent of other pixels are mapped right")
  func learns() throws {
    let model = try TinyProblem.model()
    let history = try train(model, recipe(epochs: 12), TinyProblem("training").material(side: 96))
    let matrix = ChipScoring.score(
      model, by: Segmentation(classes: model.card.classes.count),
      on: TinyProblem("other").chips(side: 64), batch: 4, kernels: KernelSet.standard
    ).matrix
    #expect(matrix.total == 64 * 64 && matrix.overallAccuracy > 0.95)
    #expect(history.count == 12 && history.last!.loss < history[0].loss / 2)
    #expect(history.map(\.epoch) == Array(1...12) && history.allSatisfy { $0.phase == "full" })
  }

  @Test("The head alone: every other byte stays, running statistics too")
  func headOnly() throws {
    let model = try TinyProblem.model()
    let before = model.bits
    let history = try train(
      model, recipe(.linearProbe, epochs: 2), TinyProblem("training").material(side: 64))
    #expect(changedPaths(before, model.bits) == ["segmentation_head.0.bias", "segmentation_head.0.weight"])
    #expect(history.map(\.phase) == ["head", "head"])
  }

  @Test("The head first, then everything")
  func headThenFull() throws {
    let model = try TinyProblem.model()
    let before = model.bits
    let history = try train(
      model, recipe(.linearProbeThenFull, epochs: 1), TinyProblem("training").material(side: 64))
    #expect(history.map(\.phase) == ["head", "full"])
    #expect(changedPaths(before, model.bits).count == before.count)
    #expect(
      model.network.parameters.all.filter(\.isTrainable).count
        == model.network.parameters.all.count { $0.role.isLearned })
  }

  @Test("Frozen stages keep every byte, the others move")
  func frozen() throws {
    let model = try TinyProblem.model()
    let before = model.bits
    var recipe = recipe(epochs: 1)
    recipe.frozen = ["stem", "layer1", "decoder"]
    _ = try train(model, recipe, TinyProblem("training").material(side: 64))
    let stages = model.network.description.parts.filter { recipe.frozen.contains($0.name) }
    let changed = Set(changedPaths(before, model.bits))
    for path in before.keys {
      #expect(changed.contains(path) == !stages.contains { $0.contains(path) }, "\(path)")
    }
  }

  @Test("Training ends when validation gets no better, and the best weights are kept")
  func earlyStopping() throws {
    // The validation labels say the opposite: the more is learned, the worse they are met.
    let validation = TinyProblem("training", isSwapped: true).chips(side: 64)
    let model = try TinyProblem.model()
    var recipe = recipe(epochs: 30)
    recipe.patience = 3
    let history = try train(
      model, recipe, TinyProblem("training").material(side: 64, validation: validation))
    let scores = history.compactMap(\.validation)
    let best = scores.firstIndex(of: scores.max()!)!
    #expect(scores.count == history.count && history.count == best + 1 + 3 && history.count < 30)
    #expect(
      ChipScoring.headline(model, on: validation, batch: 4, kernels: KernelSet.standard) == scores[best])
    #expect(scores.last! < scores[best])
  }

  @Test("The same seed gives the same bytes, another seed others", arguments: [1, 2])
  func determinism(threads: Int) throws {
    let material = TinyProblem("training").material(side: 64)
    func bits(seed: UInt64) throws -> [String: [UInt32]] {
      let model = try TinyProblem.model()
      var recipe = recipe(epochs: 1)
      recipe.seed = seed
      _ = try computing(threads: threads) { try train(model, recipe, material) }
      return model.bits
    }
    let first = try bits(seed: 1)
    #expect(try bits(seed: 1) == first)
    #expect(try bits(seed: 2) != first)
  }

  @Test("Each chip comes once a pass, the last batch is filled up, and steps are counted beforehand")
  func steps() throws {
    let material = TinyProblem("training").material(side: 96)  // 9 chips
    var notes: [String] = []
    let recipe = recipe(.linearProbeThenFull, epochs: 2)
    _ = try train(TinyProblem.model(), recipe, material) { notes.append($0) }
    #expect(TrainingLoop.steps(recipe, chips: 9) == 9 && notes.count == 9)
    #expect(notes[0].hasPrefix("head 1/1, loss ") && notes[8].hasPrefix("full 2/2, loss "))
  }

  @Test("Two batches of four make the step of one of eight, where normalisations are frozen")
  func accumulation() throws {
    let material = TinyProblem("training").material(side: 32)  // one chip, which fills every batch
    func head(batch: Int, accumulation: Int) throws -> [Float] {
      let model = try TinyProblem.model()
      var recipe = recipe(.linearProbe, epochs: 3)
      (recipe.batch, recipe.accumulation) = (batch, accumulation)
      recipe.augmentation = .none
      recipe.loss.names = [.crossEntropy]
      let history = try train(model, recipe, material)
      #expect(history.count == 3 && TrainingLoop.steps(recipe, chips: 1) == 3)
      return model.network.parameters["segmentation_head.0.weight"]!.tensor.values
    }
    let whole = try head(batch: 8, accumulation: 1)
    #expect(scaledDifference(try head(batch: 4, accumulation: 2), whole) < 1e-5)
    #expect(
      whole != (try TinyProblem.model()).network.parameters["segmentation_head.0.weight"]!.tensor.values)
  }

  @Test("A loss that is not finite ends training with the step")
  func diverged() throws {
    var recipe = recipe(epochs: 3)
    recipe.optimizer = .sgd
    recipe.schedule = .constant
    recipe.warmUp = 0
    recipe.learningRate = 1e35
    let error = #expect(throws: TrainingFailure.self) {
      try train(TinyProblem.model(), recipe, TinyProblem("training").material(side: 64))
    }
    guard case .diverged(let step, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect((1...2).contains(step))
    #expect(error?.description == "the loss is not finite at step \(step): lower the learning rate (1e+35)")
  }

  private func trained(
    _ model: Model, _ recipe: TrainingRecipe, _ material: TrainingMaterial
  ) throws -> TrainedModel {
    var loop = TrainingLoop(
      recipe, model: model,
      material: .init(
        training: material.training, validation: material.validation, labelCounts: material.counts),
      kernels: KernelSet.standard, exact: KernelSet.standard)
    return try loop.run(progress: { _ in }, isCancelled: { false })
  }

  @Test(
    "A training that blows up with finite numbers says so with its rate, one that learns does not",
    arguments: [(0.002, false), (10.0, true)])
  func blowUp(rate: Double, blowsUp: Bool) throws {
    var recipe = recipe(epochs: 3)
    recipe.learningRate = rate
    let result = try trained(TinyProblem.model(), recipe, TinyProblem("training").material(side: 64))
    #expect(
      (result.blowUp != nil) == blowsUp && result.warnings.count == (blowsUp ? 1 : 0), "\(result.warnings)")
    guard let blowUp = result.blowUp else { return }
    #expect(
      blowUp.hasPrefix("the training blew up: ") && blowUp.hasSuffix(": lower the learning rate (\(rate))"))
  }

  @Test("A training that does not move has not blown up", arguments: [UInt64(1), 2, 3])
  func standstill(seed: UInt64) throws {
    var recipe = recipe(epochs: 2)
    (recipe.learningRate, recipe.seed) = (1e-9, seed)
    let result = try trained(TinyProblem.model(), recipe, TinyProblem("training").material(side: 64))
    #expect(result.blowUp == nil)
    #expect(
      result.warnings.allSatisfy {
        $0.hasPrefix("the training has not learned anything: ")
          && $0.hasSuffix(": try another learning rate than 1e-09")
      }, "\(result.warnings)")
  }

  @Test(
    "Batches of one leave the statistics of the image pooling and say how to train it", arguments: [1, 2])
  func batchOfOne(batch: Int) throws {
    var card = TinyProblem.card
    card.architecture = "deeplabv3plus"
    var recipe = recipe(epochs: 2)
    recipe.batch = batch
    let model = try Model(card: card, seed: 1)
    let result = try trained(model, recipe, TinyProblem("training").material(side: 64))
    let variances = model.network.parameters["decoder.aspp.0.convs.4.2.running_var"]!.tensor.values
    #expect(variances.allSatisfy { $0 == 1 } == (batch == 1))
    #expect(variances.allSatisfy { $0 > 0.1 || batch == 2 })
    let warning = result.warnings.first ?? ""
    #expect(
      warning.contains("decoder.aspp.0.convs.4.2 saw one value a channel") == (batch == 1),
      "\(result.warnings)")
    #expect(warning.contains("'batch-norm: frozen'") == (batch == 1))
  }

  @Test("A loss beyond any whole number is still shown")
  func hugeLoss() throws {
    let others = TinyProblem("others", offset: 50).chips(side: 64, unlabelled: true)
    var notes: [String] = []
    let history = try train(
      TinyProblem.model(), recipe(epochs: 1), TinyProblem("training").material(side: 32),
      alignment: (others, 1e30)
    ) { notes.append($0) }
    #expect(history[0].loss > 1e19 && notes[0].contains("e+"))
  }

  @Test("No chip to train on, and a request to end, are errors of their own")
  func errors() throws {
    let empty = ChipSet([], normalization: Normalization(TinyProblem.card), size: 32, stride: 32)
    let error = #expect(throws: TrainingFailure.noChips) {
      try train(TinyProblem.model(), recipe(epochs: 1), (empty, nil, [0, 0]))
    }
    #expect(error?.description == "there is no labelled chip to train on")
    let material = TinyProblem("training").material(side: 64)
    var loop = TrainingLoop(
      recipe(epochs: 5), model: try TinyProblem.model(),
      material: .init(training: material.training, labelCounts: material.counts), kernels: KernelSet.standard,
      exact: KernelSet.standard)
    var asked = 0
    #expect(throws: TrainingFailure.cancelled) {
      try loop.run(
        progress: { _ in },
        isCancelled: {
          asked += 1
          return asked > 2
        })
    }
  }

  @Test("Balanced weights: by the root of the share, mean 1 over the classes present, 0 for absent ones")
  func classWeights() {
    #expect(ClassWeighting.none.weights([5, 1]) == nil)
    #expect(ClassWeighting.balanced.weights([7, 7, 7]) == [1, 1, 1])
    let weights = ClassWeighting.balanced.weights([400, 0, 100])!
    #expect(abs(weights[0] - 2 / 3) < 1e-6 && weights[1] == 0 && abs(weights[2] - 4 / 3) < 1e-6)
  }

  @Test("Alignment moves the features of the domains together")
  func alignment() throws {
    let material = TinyProblem("training").material(side: 64)
    let others = TinyProblem("others", offset: 1).chips(side: 64, unlabelled: true)
    func weights(_ weight: Double) throws -> [String: [UInt32]] {
      let model = try TinyProblem.model()
      _ = try computing(threads: 2) {
        try train(model, recipe(epochs: 1), material, alignment: (others, weight))
      }
      return model.bits
    }
    let (with, again, without) = (try weights(10), try weights(10), try weights(0))
    #expect(with == again && with != without)
  }
}
