import Checkpoints
import Chips
import Layers
import Models
import Numerics
import Tasks
import Tensors

/// Trains a model on labelled chips as a recipe says, and keeps the best weights.
///
/// Same recipe, same chips, same threads: same weights, also where the training was interrupted and went on
/// from a ``TrainingCheckpoint``.
public struct TrainingLoop {
  /// The chips that the loop trains on.
  public struct Material {
    /// Labelled chips to learn from.
    public var training: ChipSet
    /// Labelled chips to choose the best weights by; nil keeps the last.
    public var validation: ChipSet?
    /// Labelled pixels of each class in `training`, for class weights.
    public var labelCounts: [Int]
    /// The adaptation to another domain; nil for none.
    public var adaptation: Adaptation?
    /// Whether what a frozen encoder makes of a chip is kept for later passes, where it is the same in each.
    public var keepsEncoded = true
    /// Labelled chips whose score is noted after each pass and decides nothing.
    public var monitored: ChipSet?

    /// Material to train on.
    public init(
      training: ChipSet, validation: ChipSet? = nil, labelCounts: [Int],
      adaptation: Adaptation? = nil
    ) {
      (self.training, self.validation, self.labelCounts) = (training, validation, labelCounts)
      self.adaptation = adaptation
    }
  }

  let recipe: TrainingRecipe
  let material: Material
  let kernels: any Kernels
  /// The kernels of Float32, which score, take statistics anew and merge whatever the precision of the steps.
  let exact: any Kernels
  let task: any PredictionTask
  private let objective: any Objective
  /// The processes that share the training.
  let ranks: any Ranks
  /// Where the processes put their gradients together; nil for a process that is alone.
  var orderedSum: OrderedSum?
  let weights: TrainableWeights
  let stepsPerEpoch: Int
  var state: TrainingState
  var optimizer: any Optimizer
  var average: WeightAverage?
  private var clock = CheckpointClock(interval: 0)
  var warnings: [String] = []
  var held = SingleValueNormalizations()
  /// The largest weight at the start.
  private let largestAtStart: Float
  /// What a pass keeps of an image of a shape.
  private var keptCounts: [Shape: Int] = [:]
  /// Whether what `memory` came to was said.
  private var saysRecomputation = false
  /// What the encoder has made of chips, while it is frozen and sees the same images in each pass.
  private var encodedChips: EncodedChips?

  /// Creates a loop that changes `model` in place, computing on `kernels`, those of the recipe's precision.
  public init(
    _ recipe: TrainingRecipe, model: Model, material: Material,
    kernels: any Kernels, exact: any Kernels, ranks: any Ranks = ComputeRanks.current
  ) {
    (self.recipe, self.material, self.kernels, self.exact) = (recipe, material, kernels, exact)
    self.ranks = ranks
    task = model.task
    objective = task.objective(recipe.loss, labelCounts: material.labelCounts)
    weights = TrainableWeights(model, recipe)
    largestAtStart = weights.largest.value
    stepsPerEpoch = Self.stepsPerEpoch(recipe, chips: material.training.chips.count)
    state = TrainingState(
      progress: .init(
        chipNumbers: RandomSource(seed: recipe.seed, stream: "training").position,
        noiseNumbers: RandomSource(seed: recipe.seed, stream: "noise").position))
    optimizer = recipe.makeOptimizer()
    average = recipe.averaging.makeAverage()
  }

  /// Passes over the chips that a recipe takes, all phases together.
  public static func passes(_ recipe: TrainingRecipe) -> Int {
    TrainingPhase.phases(recipe, over: [.head]).reduce(0) { $0 + $1.epochs }
  }

  /// Steps that a recipe takes over a number of chips, all phases together.
  public static func steps(_ recipe: TrainingRecipe, chips: Int) -> Int {
    passes(recipe) * stepsPerEpoch(recipe, chips: chips)
  }

  private static func stepsPerEpoch(_ recipe: TrainingRecipe, chips: Int) -> Int {
    max(1, (chips + recipe.chipsOfStep - 1) / recipe.chipsOfStep)
  }

  /// Trains the model, from the beginning or from where an unfinished training was kept.
  ///
  /// - Parameters:
  ///   - checkpoint: where an unfinished training is kept, and taken up again.
  ///   - progress: called after each step.
  ///   - passed: called after each pass, with the passes of its phase.
  ///   - isCancelled: asked at each step; what was done until then is kept in the checkpoint.
  /// - Throws: ``TrainingFailure``.
  public mutating func run(
    checkpoint: TrainingCheckpoint? = nil, progress: (TrainingStep) -> Void,
    passed: (Epoch, _ epochs: Int) -> Void = { _, _ in }, isCancelled: () -> Bool
  ) throws(TrainingFailure) -> TrainedModel {
    guard !material.training.chips.isEmpty else { throw .noChips }
    let probesFirst = recipe.strategy == .linearProbeThenFull && recipe.headEpochs > 0
    guard recipe.trainedShare == 1 || probesFirst || weights.model.card.hasTrainedHead else {
      throw .startWithoutHead
    }
    let members = recipe.averaging.networks * (weights.model.card.members ?? 1)
    guard members <= Ensemble.largestCount else { throw .tooManyMembers(members) }
    let phases = TrainingPhase.phases(recipe, over: weights.roles)
    clock = CheckpointClock(interval: checkpoint?.interval ?? 0)
    if let checkpoint { resume(checkpoint, phases, progress) }
    noteRanks()
    try agree()
    while state.progress.phase < phases.count {
      let isLast = state.progress.phase == phases.count - 1
      try run(phases, isLast: isLast, checkpoint, progress, passed, isCancelled)
      state.progress.phase += 1
      (state.progress.epoch, state.progress.passesSinceBest) = (0, 0)
      optimizer = recipe.makeOptimizer()
    }
    let blowUp = try blowUp()
    if blowUp == nil, let standstill = state.progress.course.standstill {
      warnings.append(
        "the training has not learned anything: \(standstill): try another learning rate than \(recipe.learningRate)"
      )
    }
    return finish(blowUp: blowUp)
  }

  /// Says that the training blew up, if it did.
  ///
  /// - Throws: ``TrainingFailure/diverged(step:rate:)`` where the last step left weights that are not finite.
  private func blowUp() throws(TrainingFailure) -> String? {
    let largest = weights.largest
    guard largest.value.isFinite else {
      throw .diverged(
        step: Self.steps(recipe, chips: material.training.chips.count), rate: recipe.learningRate)
    }
    let isEnormous = largest.value > 1e5 && largest.value > 1000 * max(1, largestAtStart)
    let size = isEnormous ? "a weight of '\(largest.path)' is \(largest.value)" : nil
    let signs = [state.progress.course.blowUp, size].compactMap(\.self)
    return signs.isEmpty
      ? nil
      : "the training blew up: \(signs.joined(separator: "; ")): lower the learning rate (\(recipe.learningRate))"
  }

  private mutating func run(
    _ phases: [TrainingPhase], isLast: Bool, _ checkpoint: TrainingCheckpoint?,
    _ progress: (TrainingStep) -> Void, _ passed: (Epoch, Int) -> Void, _ isCancelled: () -> Bool
  ) throws(TrainingFailure) {
    let phase = phases[state.progress.phase]
    if isLast && state.start == nil && recipe.holdsOnToStart { state.start = weights.snapshot() }
    let total = phase.epochs * stepsPerEpoch
    let schedule = recipe.learningRateSchedule
    let cycleEnds = Set(isLast && recipe.averaging.isSnapshots ? schedule.cycleEnds(of: total) : [])
    // A training that was kept behind its last step takes none any more, but is finished as it was left.
    weights.open(phase.openParts(max(0, min(state.progress.epoch, phase.epochs - 1))))
    func hasPatience() -> Bool { recipe.patience.map { state.progress.passesSinceBest < $0 } ?? true }
    while state.progress.epoch < phase.epochs, hasPatience() {
      let epoch = state.progress.epoch
      weights.open(phase.openParts(epoch))
      keepEncodedChips(phases)
      var numbers = RandomSource(position: state.progress.chipNumbers)
      let order = order(&numbers)
      beginAdaptedPass(phases)
      if state.progress.step == 0 { state.progress.course.beginPass() }
      let feed = try feed(order, random: numbers)
      while state.progress.step < stepsPerEpoch {
        if ranks.any(isCancelled()) {
          if let checkpoint, ranks.own == 0 { save(checkpoint) }
          throw .cancelled
        }
        let step = epoch * stepsPerEpoch + state.progress.step
        let rate = recipe.learningRate * schedule.factor(step: step, of: total)
        let value = train(on: feed, rate: rate)
        guard value.isFinite else { throw .diverged(step: step, rate: recipe.learningRate) }
        state.progress.lossSum += value
        state.progress.step += 1
        if isLast && recipe.averaging.isExponential { average?.add(weights.model.network.parameters) }
        if cycleEnds.contains(step) { state.snapshots.append(weights.snapshot()) }
        progress(
          TrainingStep(
            phase: phase.name, epoch: epoch + 1, epochs: phase.epochs, loss: value, rate: rate,
            best: state.progress.bestScore, metric: task.headline.title))
        if let checkpoint, ranks.own == 0, clock.isDue {
          let start = ContinuousClock.now
          save(checkpoint)
          clock.saved(since: start)
        }
      }
      state.progress.chipNumbers = feed.randomSource().position
      endPass(phase, isLast: isLast)
      try agree()
      if let pass = state.progress.history.last { passed(pass, phase.epochs) }
    }
    if isLast, let checkpoint, checkpoint.keepsLast, ranks.own == 0 { save(checkpoint) }
  }

  /// Takes account of a pass: its loss, its score, and whether its weights are the best.
  private mutating func endPass(_ phase: TrainingPhase, isLast: Bool) {
    let epoch = state.progress.epoch
    if case .uniform(let from) = recipe.averaging, isLast, Double(epoch + 1) > from * Double(phase.epochs) {
      average?.add(weights.model.network.parameters)
    }
    let scores = scores(isLast: isLast)
    let last = (epoch + 1) * stepsPerEpoch - 1
    state.progress.history.append(
      Epoch(
        phase: phase.name, epoch: epoch + 1, loss: state.progress.lossSum / Double(stepsPerEpoch),
        rate: recipe.learningRate
          * recipe.learningRateSchedule.factor(step: last, of: phase.epochs * stepsPerEpoch),
        validation: scores.validation, monitored: scores.monitored))
    (state.progress.epoch, state.progress.step, state.progress.lossSum) = (epoch + 1, 0, 0)
  }

  /// Returns the headline of the present weights, or of their moving average, where there are chips to score;
  /// remembers the best.
  private mutating func scores(isLast: Bool) -> (validation: Double?, monitored: Double?) {
    guard material.validation != nil || material.monitored != nil else { return (nil, nil) }
    let averaged = isLast && recipe.averaging.isExponential ? average?.weights : nil
    let present = averaged.map { _ in weights.snapshot() }
    if let averaged { weights.restore(averaged) }
    defer { if let present { weights.restore(present) } }
    let (validation, monitored) = (material.validation.flatMap(score), material.monitored.flatMap(score))
    state.progress.passesSinceBest += material.validation == nil ? 0 : 1
    if let validation, recipe.averaging.keepsBest,
      task.headline.isBetter(validation, than: state.progress.bestScore)
    {
      (state.progress.bestScore, state.best) = (validation, weights.snapshot())
      state.progress.passesSinceBest = 0
    }
    return (validation, monitored)
  }

  /// Returns the headline of the present weights on chips; nil where nothing of them is labelled.
  private func score(_ chips: ChipSet) -> Double? {
    ChipScoring.headline(weights.model, on: chips, batch: recipe.batch, kernels: exact)
  }

  // MARK: - Steps

  /// Returns the chips of each batch of a pass: each chip once, in random order, the last step filled up from
  /// the beginning so that all are of one size; or rare classes' chips more often.
  private func order(_ random: inout RandomSource) -> [[Int]] {
    let (count, batches) = (material.training.chips.count, stepsPerEpoch * recipe.accumulation)
    let numbers: [Int]
    if let temperature = recipe.rareClassTemperature {
      let sampler = RareClassSampler(
        material.training, classes: material.labelCounts.count, temperature: temperature)
      numbers = sampler.draw(count: batches * recipe.batch, random: &random)
    } else {
      numbers = Array(0..<count).shuffled(using: &random)
    }
    return (0..<batches).map { batch in
      (0..<recipe.batch).map { numbers[(batch * recipe.batch + $0) % numbers.count] }
    }
  }

  /// Takes one step on the next batches.
  ///
  /// - Returns: the mean loss of the batches.
  private mutating func train(on feed: BatchFeed, rate: Double) -> Double {
    var sum = GradientSum()
    if sharesBatches {
      sum = sharedSum(feed)
    } else {
      for _ in 0..<recipe.accumulation { sum.add(take(differentiate(feed.next()))) }
    }
    let gradients = sum.mean()
    optimizer.step(gradients) { rate * weights.rateShare($0) }
    return sum.meanLoss
  }

  /// Takes note of a batch.
  mutating func take(_ batch: DifferentiatedBatch) -> GradientSum.Term {
    state.progress.course.add(loss: batch.ownLoss, atChance: batch.chance)
    return (batch.loss, batch.gradients)
  }

  /// Begins to keep what the encoder makes of chips where it is frozen in the pass, and ends it where it is
  /// not.
  private mutating func keepEncodedChips(_ phases: [TrainingPhase]) {
    guard weights.encoderIsClosed, material.keepsEncoded, passesOfClosedEncoder(phases) > 1 else {
      encodedChips = nil
      return
    }
    guard encodedChips == nil else { return }
    let obstacles =
      material.training.variations(by: recipe.augmentation)
      + (recipe.stochasticDepth > 0 ? ["stochastic-depth"] : [])
      + (material.adaptation == nil ? [] : ["the other domain's chips"])
    if obstacles.isEmpty {
      encodedChips = EncodedChips(of: material.training, batch: recipe.batch)
    } else if recipe.strategy.leavesEncoder {
      let note =
        "the encoder is frozen, but sees other images in each pass (\(obstacles.joined(separator: ", "))): what it makes "
        + "of a chip is computed anew each time"
      if !warnings.contains(note) { warnings.append(note) }
    }
  }

  /// Returns the number of passes of the whole training in which no part of the encoder trains.
  private func passesOfClosedEncoder(_ phases: [TrainingPhase]) -> Int {
    let parts = weights.model.network.description.parts
    let closed = recipe.closed(parts.map(\.name))
    let last = parts.lastIndex { $0.role == .encoder && !closed.contains($0.name) }
    return phases.reduce(0) { sum, phase in
      sum + (0..<phase.epochs).count { last == nil || phase.openParts($0) < parts.count - last! }
    }
  }

  /// The chips whose encoding is kept now.
  package var keptChips: Int { encodedChips?.keptChips ?? 0 }

  /// Returns the loss of a batch and its gradients, plain.
  ///
  /// - Parameter leavesMoves: whether the steps of running statistics are left to be taken.
  mutating func differentiate(_ batch: BatchFeed.Batch, leavesMoves: Bool = false) -> DifferentiatedBatch {
    let noise = recipe.noise(at: state.progress.noiseNumbers)
    let pass = Pass(.training, kernels: kernels, noise: noise)
    pass.recomputes = recomputes(batch)
    if leavesMoves { pass.statisticsMoves = [] }
    pass.movesStatistics = !(material.adaptation?.followsTargetAlone ?? false)
    let input = Value(batch.labelled.input)
    let network = weights.model.network
    let encoded =
      encodedChips?.values(of: batch.chips) { numbers in
        network.encoded(Value(material.training.batch(numbers).input), in: pass)
      } ?? network.encoded(input, in: pass)
    let output = network(encoded, of: input, in: pass)
    let answers = task.answers(kernels.plain(output.scores.tensor))
    var value = objective.evaluate(answers, of: batch.labelled)
    let ownLoss = value.value
    let chance = batch.number % 8 == 0 ? objective.ofGuessing(like: answers, of: batch.labelled) : nil
    value.value += adapt(pass, batch, output, answers)
    held.add(pass)
    noteRecomputation(pass)
    if let noise { state.progress.noiseNumbers = noise.random.position }
    output.scores.accumulate(value.gradient, with: kernels)
    let gradients = pass.backward().map { ($0.parameter, kernels.plain($0.gradient)) }
    if recipe.startPenalty > 0, let start = state.start {
      value.value += weights.penalty(start: start).add(to: gradients)
    }
    return DifferentiatedBatch(
      loss: value.value, ownLoss: ownLoss, chance: chance, gradients: gradients,
      moves: pass.statisticsMoves ?? [])
  }

  /// Returns whether blocks of the network are to be computed again for a batch.
  private mutating func recomputes(_ batch: BatchFeed.Batch) -> Bool {
    guard let memory = recipe.memory, !weights.encoderIsClosed else { return false }
    return keptBytes(batch) > memory
  }

  /// Returns about how many bytes the results of a batch take until the way back, where all are kept.
  private mutating func keptBytes(_ batch: BatchFeed.Batch) -> Int {
    let shape = batch.labelled.input.shape
    let image: Shape = [1, shape.channels, shape.height, shape.width]
    let count = keptCounts[image] ?? weights.model.network.keptCount(for: image)
    keptCounts[image] = count
    let images = shape.batch + (batch.unlabelled?.input.shape.batch ?? 0)
    return images * count * MemoryLayout<Float>.stride
  }

  /// Says once what `memory` came to.
  private mutating func noteRecomputation(_ pass: Pass) {
    guard pass.recomputes, !saysRecomputation, let memory = recipe.memory else { return }
    saysRecomputation = true
    let sizes =
      "the results of a batch take more until the way back than 'memory' has (\(memory >> 20) MiB)"
    let note =
      pass.recomputations > 0
      ? sizes + ": blocks of the encoder are computed again there"
      : sizes + ", and the network has no block that could be computed again: lower 'batch'"
    // A training that goes on from where it was kept has said so already.
    if !warnings.contains(note) { warnings.append(note) }
  }
}
