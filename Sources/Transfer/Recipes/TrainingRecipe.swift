import Chips
import Layers
import Models
import Numerics
import Tasks
import Tensors

/// Everything that decides how a network is trained on labelled chips, besides the chips.
public struct TrainingRecipe: Hashable, Sendable {
  /// The parts of the network that train, and their order.
  public var strategy = TrainingStrategy.linearProbeThenFull
  /// Passes over the chips when all parts train (or those that the strategy trains at all).
  public var epochs = 30
  /// Passes over the chips while only the head trains, before the others.
  public var headEpochs = 5
  /// Passes after which gradual unfreezing opens another stage; nil opens all in half of the passes.
  public var unfreezeEvery: Int?
  /// Rank r of low-rank updates.
  public var rank = 8
  /// The updates' scale is this over the rank.
  public var alpha = 8.0
  /// Names of ``NetworkPart``s that are never trained.
  public var frozen: [String] = []
  /// The last of the stages, from the input on, that are never trained either.
  public var frozenUpTo: String?
  /// Whether all batch normalisations keep statistics, scale and shift; without it those of trained stages
  /// normalise by the batch and learn, and those of frozen stages keep what they have.
  public var freezesNormalization = false

  /// Chips that are computed at once.
  public var batch = 8
  /// Batches whose gradients are averaged for one step: a larger step where memory is small. Batch
  /// normalisation sees each batch by itself.
  public var accumulation = 1

  /// The rate of the head at its height.
  public var learningRate = 3e-4
  /// The learning rates of the other stages, as shares of it.
  public var stageRates = StageRates.encoder(0.1)
  /// The course of the learning rate over a phase.
  public var schedule = ScheduleName.cosine
  /// The share of steps in which the rate climbs.
  public var warmUp = 0.05
  /// The number of cycles of schedules that have cycles.
  public var cycles = 3
  /// The power of the polynomial schedule.
  public var power = 0.9
  /// The optimiser.
  public var optimizer = OptimizerName.adamW

  /// The loss that training minimises.
  public var loss = LossRecipe()
  /// Decay of weights; norms and biases do not decay.
  public var weightDecay = 0.01
  /// The share of feature channels that the head does without at a step.
  public var dropout = 0.0
  /// The share of residual branches that are left out at the end of the encoder; it grows to that from 0 at
  /// its beginning.
  public var stochasticDepth = 0.0
  /// The weight of the squared distance from the weights at the start (L2-SP); 0 for none.
  public var startPenalty = 0.0
  /// The weight of the squared norm of the head, beside ``startPenalty``. No other value was measured.
  let headPenalty = 0.01

  /// The rule that makes the model from the weights of the steps.
  public var averaging = Averaging.none
  /// The share of the trained weights in the model, the rest being those of the start (WiSE-FT); 1 for the
  /// trained ones.
  public var trainedShare = 1.0
  /// Passes without a better validation score after which training ends; nil trains to the end.
  public var patience: Int?

  /// The augmentation of the chips.
  public var augmentation = Augmentation()
  /// The temperature at which chips are drawn by their rarest class: a small one draws rare classes most; nil
  /// takes each chip once a pass.
  public var rareClassTemperature: Double?
  /// Bytes that the results of a batch, counted in Float32, may take until the way back; blocks of
  /// transformers are computed again where they would take more. nil for any number.
  public var memory: Int?
  /// The arithmetic of the network; weights, their gradients and the loss are fp32 in any case.
  public var precision = Precision.fp32
  /// Everything random.
  public var seed: UInt64 = 0

  /// Creates a recipe with the defaults.
  public init() {}

  /// The recipe for a published network that already tells the classes apart: its statistics stay, its
  /// weights learn at an even rate from chips whose values are left alone, and the model lies between the
  /// published weights and the trained ones. A few labels of one scene would otherwise cost it what it knows
  /// of all others; docs/transfer.md has the figures.
  package static var publishedNetwork: TrainingRecipe {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs, recipe.batch) = (.full, 20, 4)
    (recipe.learningRate, recipe.stageRates) = (3e-4, .encoder(1))
    recipe.freezesNormalization = true
    recipe.loss.names = [.crossEntropy]
    recipe.augmentation = Augmentation(flips: true, gain: 0, offset: 0)
    recipe.augmentation.cutmix = 0.5
    (recipe.averaging, recipe.trainedShare) = (.exponential(decay: 0.98), 0.5)
    return recipe
  }

  /// Chips that one step is taken on.
  var chipsOfStep: Int { batch * accumulation }

  /// Whether the weights at the start are needed to the end.
  var holdsOnToStart: Bool { startPenalty > 0 || trainedShare < 1 }

  /// The updates that the strategy trains beside the weights; nil where it trains the weights themselves.
  var lowRankOptions: LowRankUpdates.Options? {
    switch strategy {
    case .lora: .init(kind: .lora, rank: rank, alpha: alpha)
    case .adapters: .init(kind: .adapter, rank: rank, alpha: alpha)
    default: nil
    }
  }

  /// Makes the optimiser; a penalty on the distance from the start takes the place of weight decay.
  func makeOptimizer() -> any Optimizer {
    optimizer.makeOptimizer(weightDecay: startPenalty > 0 ? 0 : weightDecay)
  }

  /// Returns the noise of a pass whose random numbers go on from a position; nil where there is none.
  func noise(at position: UInt64) -> TrainingNoise? {
    guard dropout > 0 || stochasticDepth > 0 else { return nil }
    return TrainingNoise(
      dropout: Float(dropout), stochasticDepth: Float(stochasticDepth),
      random: RandomSource(position: position))
  }

  /// Lists the mistakes of the recipe for a network of these parts, one phrase each.
  public func problems(over parts: [NetworkPart]) -> [String] {
    let stages = parts.map(\.name)
    let names = stages.joined(separator: ", ")
    var problems = (frozen + (frozenUpTo.map { [$0] } ?? [])).filter { !stages.contains($0) }
      .map { "there is no stage '\($0)'; the network has \(names)" }
    if case .listed(let shares) = stageRates, shares.count != stages.count {
      problems.append("'stage-rates' has \(shares.count) numbers for \(stages.count) stages: \(names)")
    }
    let closed = closed(stages)
    let isIdle = TrainingPhase.phases(self, over: parts.map(\.role)).allSatisfy { phase in
      stages.suffix(phase.openParts(phase.epochs - 1)).allSatisfy(closed.contains)
    }
    if isIdle && !strategy.isLowRank && !stages.isEmpty {
      problems.append("all stages that '\(strategy.rawValue)' trains are frozen: nothing would train")
    }
    return problems
  }

  /// Returns the stages that never train.
  func closed(_ stages: [String]) -> Set<String> {
    let upTo = frozenUpTo.flatMap(stages.firstIndex(of:)).map { stages[...$0] } ?? []
    return Set(frozen).union(upTo).intersection(stages)
  }

  /// The schedule of the learning rate; snapshots need the rate to fall to 0 before each.
  var learningRateSchedule: LearningRateSchedule {
    if case .snapshots(let count) = averaging {
      return ScheduleName.cosineRestarts.schedule(warmUp: warmUp, cycles: count, power: power)
    }
    return schedule.schedule(warmUp: warmUp, cycles: cycles, power: power)
  }

  /// The recipe for a network that starts from nothing: everything at one rate from the first step on, in as
  /// many steps.
  public var fromScratch: TrainingRecipe {
    var recipe = self
    if strategy == .linearProbeThenFull { recipe.epochs += headEpochs }
    recipe.strategy = .full
    recipe.stageRates = .encoder(1)
    (recipe.frozen, recipe.frozenUpTo) = ([], nil)
    recipe.freezesNormalization = false
    (recipe.startPenalty, recipe.trainedShare) = (0, 1)
    return recipe
  }
}
