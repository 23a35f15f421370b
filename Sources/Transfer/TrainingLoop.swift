import Checkpoints
import Chips
import Layers
import Models
import Tensors

/// Trains a model on labelled chips as a recipe says, and keeps the best weights.
///
/// Same recipe, same chips, same threads: same weights.
public struct TrainingLoop {
  /// One pass over the chips.
  public struct Epoch: Codable, Hashable, Sendable {
    /// `head` or `full`.
    public var phase: String
    /// Counted from 1 within the phase.
    public var epoch: Int
    /// Mean loss over the steps.
    public var loss: Double
    /// Mean IoU on the validation chips, where there are any.
    public var validation: Double?
  }

  /// Why training ended without a model.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// There are no labelled chips.
    case noChips
    /// The loss became NaN or infinite at this step.
    case diverged(step: Int)
    /// The run was asked to end.
    case cancelled

    /// One sentence.
    public var description: String {
      switch self {
      case .noChips: "there is no labelled chip to train on"
      case .diverged(let step): "the loss is not finite at step \(step): lower the learning rate"
      case .cancelled: "cancelled"
      }
    }
  }

  /// What the loop trains on, besides the recipe.
  public struct Material {
    /// Labelled chips to learn from.
    public var training: ChipSet
    /// Labelled chips to choose the best weights by; nil keeps the last.
    public var validation: ChipSet?
    /// Labelled pixels of each class in `training`, for class weights.
    public var labelCounts: [Int]
    /// Unlabelled chips of another domain whose features are to look like those of `training`, and how much that counts.
    public var alignment: (chips: ChipSet, weight: Double)?

    /// Material to train on.
    public init(
      training: ChipSet, validation: ChipSet? = nil, labelCounts: [Int],
      alignment: (chips: ChipSet, weight: Double)? = nil
    ) {
      (self.training, self.validation, self.labelCounts) = (training, validation, labelCounts)
      self.alignment = alignment
    }
  }

  private let recipe: TrainingRecipe
  private let model: SegmentationModel
  private let material: Material
  private let kernels: any Kernels
  private let loss: WeightedLosses
  private var random: RandomSource
  private var history: [Epoch] = []

  /// A loop that changes `model` in place, computing on `kernels`, those of the recipe's precision.
  public init(
    _ recipe: TrainingRecipe, model: SegmentationModel, material: Material,
    kernels: any Kernels = KernelSet.standard
  ) {
    (self.recipe, self.model, self.material, self.kernels) = (recipe, model, material, kernels)
    loss = recipe.makeLoss(labelCounts: material.labelCounts)
    random = RandomSource(seed: recipe.seed, stream: "training")
  }

  /// Steps that a recipe takes over a number of chips, all phases together.
  public static func steps(_ recipe: TrainingRecipe, chips: Int) -> Int {
    phases(recipe).reduce(0) { $0 + $1.epochs } * stepsPerEpoch(recipe, chips: chips)
  }

  private static func stepsPerEpoch(_ recipe: TrainingRecipe, chips: Int) -> Int {
    max(1, (chips + recipe.chipsOfStep - 1) / recipe.chipsOfStep)
  }

  private static func phases(_ recipe: TrainingRecipe) -> [(name: String, epochs: Int, headOnly: Bool)] {
    switch recipe.strategy {
    case .full: [("full", recipe.epochs, false)]
    case .headOnly: [("head", recipe.epochs, true)]
    case .headThenFull: [("head", recipe.headEpochs, true), ("full", recipe.epochs, false)]
    }
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - progress: called after each step with a few words on how it goes.
  ///   - isCancelled: asked at each step.
  /// - Returns: one entry a pass over the chips.
  /// - Throws: ``Failure``.
  public mutating func run(progress: (String) -> Void, isCancelled: () -> Bool) throws(Failure) -> [Epoch] {
    guard !material.training.chips.isEmpty else { throw .noChips }
    var best: (score: Double, weights: [String: Tensor])?
    for phase in Self.phases(recipe) where phase.epochs > 0 {
      freeze(headOnly: phase.headOnly)
      let optimizer = recipe.makeOptimizer()
      let stepsPerEpoch = Self.stepsPerEpoch(recipe, chips: material.training.chips.count)
      var sinceBest = 0
      for epoch in 0..<phase.epochs {
        var sum = 0.0
        let feed = BatchFeed(
          order(batches: stepsPerEpoch * recipe.accumulation), of: material,
          augmentation: recipe.augmentation, random: random)
        for index in 0..<stepsPerEpoch {
          if isCancelled() { throw .cancelled }
          let step = epoch * stepsPerEpoch + index
          let value = train(on: feed, optimizer, step: step, of: phase.epochs * stepsPerEpoch)
          guard value.isFinite else { throw .diverged(step: step) }
          sum += value
          progress(
            "\(phase.name) \(epoch + 1)/\(phase.epochs), loss \(shown(value))\(shownBest(best?.score))")
        }
        random = feed.randomSource()
        let score = material.validation.map { ChipScoring.score(model, on: $0, batch: recipe.batch).meanIoU }
        history.append(
          Epoch(
            phase: phase.name, epoch: epoch + 1, loss: sum / Double(stepsPerEpoch),
            validation: score.flatMap { $0.isNaN ? nil : $0 }))
        guard let score else { continue }
        sinceBest += 1
        if !(score <= best?.score ?? -1) && !score.isNaN {
          best = (score, model.network.parameters.snapshot())
          sinceBest = 0
        }
        if let patience = recipe.patience, sinceBest >= patience { break }
      }
    }
    if let best { model.network.parameters.restore(best.weights) }
    model.network.parameters.freeze([])
    return history
  }

  /// Three decimals; by rounding and not through `Int`, which a loss on its way to infinity would overflow.
  private func shown(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }

  private func shownBest(_ score: Double?) -> String { score.map { ", best mIoU \(shown($0))" } ?? "" }

  private func freeze(headOnly: Bool) {
    let stages = model.network.stages
    let frozen = headOnly ? Array(stages.dropLast()) : stages.filter { recipe.frozen.contains($0.name) }
    model.network.parameters.freeze(frozen.flatMap(\.prefixes))
  }

  /// Each chip once a pass, in random order; the last step is filled up from the beginning so that all are of one size.
  private mutating func order(batches: Int) -> [[Int]] {
    let numbers = Array(0..<material.training.chips.count).shuffled(using: &random)
    return (0..<batches).map { batch in
      (0..<recipe.batch).map { numbers[(batch * recipe.batch + $0) % numbers.count] }
    }
  }

  /// One step on the next batches.
  ///
  /// - Returns: the mean loss of the batches.
  private func train(on feed: BatchFeed, _ optimizer: any Optimizer, step: Int, of steps: Int) -> Double {
    var sum = GradientSum()
    for _ in 0..<recipe.accumulation { sum.add(differentiate(feed.next())) }
    let gradients = sum.mean(clippedTo: recipe.gradientNorm)
    let rate = recipe.learningRate * recipe.learningRateSchedule.factor(step: step, of: steps)
    optimizer.step(gradients) { $0.path.hasPrefix("encoder.") ? rate * recipe.encoderRate : rate }
    return sum.meanLoss
  }

  /// The loss of a batch and its gradients, plain.
  private func differentiate(_ batch: BatchFeed.Batch) -> GradientSum.Term {
    let pass = Pass(.training, kernels: kernels)
    let output = model.network(Value(batch.labelled.input), in: pass)
    let probabilities = Softmax.probabilities(kernels.plain(output.scores.tensor))
    var value = loss.evaluate(probabilities: probabilities, targets: batch.labelled.targets)
    if let unlabelled = batch.unlabelled, let alignment = material.alignment {
      let features = model.network(Value(unlabelled.input), in: pass).features
      value.value += CorrelationAlignment(weight: alignment.weight).align(
        output.features, with: features, kernels)
    }
    output.scores.accumulate(value.gradient, with: kernels)
    return (value.value, pass.backward().map { ($0.parameter, kernels.plain($0.gradient)) })
  }
}
