import Chips
import Layers
import Tensors

/// Which parts of a network are trained, and in which order.
public enum TrainingStrategy: String, CaseIterable, Hashable, Sendable {
  /// Everything at once.
  case full
  /// The head only; encoder and decoder stay as they are.
  case headOnly = "head-only"
  /// The head first, then everything (Kumar et al. 2022, arXiv:2202.10054).
  case headThenFull = "linear-probe-then-full"
}

/// What training minimises.
public enum LossName: String, CaseIterable, Hashable, Sendable {
  /// ``CrossEntropy``.
  case crossEntropy = "cross-entropy"
  /// ``Dice``.
  case dice
}

/// What steps along the gradients.
public enum OptimizerName: String, CaseIterable, Hashable, Sendable {
  /// ``AdamW``.
  case adamW = "adamw"
  /// ``StochasticGradientDescent`` with momentum 0.9.
  case sgd
}

/// How the rate goes down.
public enum ScheduleName: String, CaseIterable, Hashable, Sendable {
  /// The full rate throughout.
  case constant
  /// Half a cosine to 0.
  case cosine
  /// A tenth of the rate after each third.
  case step
}

/// How much a class counts in cross-entropy.
public enum ClassWeighting: String, CaseIterable, Hashable, Sendable {
  /// Every pixel alike.
  case none
  /// Rare classes more: 1 / sqrt(share of the labels), scaled to mean 1 over the classes present.
  case balanced

  /// The weight of each class, given its labelled pixels; nil where all count alike. A class without labels gets 0.
  package func weights(_ counts: [Int]) -> [Float]? {
    guard self == .balanced else { return nil }
    let raw = counts.map { $0 > 0 ? 1 / Double($0).squareRoot() : 0 }
    let mean = raw.reduce(0, +) / Double(max(1, raw.filter { $0 > 0 }.count))
    return raw.map { Float($0 / mean) }
  }
}

/// Everything that decides how a network is trained on labelled chips, besides the chips.
public struct TrainingRecipe: Hashable, Sendable {
  /// Which parts, in which order.
  public var strategy = TrainingStrategy.headThenFull
  /// Passes over the chips when all parts train (or the head, if it alone does).
  public var epochs = 30
  /// Passes over the chips while only the head trains, before the others.
  public var headEpochs = 5
  /// Chips that are computed at once.
  public var batch = 8
  /// Batches whose gradients are averaged for one step: a larger step where memory is small. Batch normalisation sees each
  /// batch by itself.
  public var accumulation = 1
  /// The largest norm that all gradients together may have; larger ones are scaled down to it. nil leaves them as they are.
  public var gradientNorm: Double?
  /// The rate of decoder and head at its height.
  public var learningRate = 3e-4
  /// The encoder's rate as a share of it.
  public var encoderRate = 0.1
  /// Decay of convolution weights.
  public var weightDecay = 0.01
  /// What steps.
  public var optimizer = OptimizerName.adamW
  /// How the rate goes down.
  public var schedule = ScheduleName.cosine
  /// The share of steps in which the rate climbs.
  public var warmUp = 0.05
  /// What is minimised: the sum.
  public var losses: [LossName] = [.crossEntropy, .dice]
  /// The arithmetic of the network; weights, their gradients and the loss are fp32 in any case.
  public var precision = Precision.fp32
  /// How much a class counts in cross-entropy.
  public var classWeighting = ClassWeighting.none
  /// How chips are varied.
  public var augmentation = Augmentation()
  /// Names of ``NetworkStage``s that are never trained.
  public var frozen: [String] = []
  /// Passes without a better validation score after which training ends; nil trains to the end.
  public var patience: Int?
  /// Everything random.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// Chips that one step is taken on.
  var chipsOfStep: Int { batch * accumulation }

  func makeOptimizer() -> any Optimizer {
    switch optimizer {
    case .adamW: AdamW(weightDecay: weightDecay)
    case .sgd: StochasticGradientDescent(momentum: 0.9, weightDecay: weightDecay)
    }
  }

  func makeLoss(labelCounts: [Int]) -> WeightedLosses {
    WeightedLosses(
      losses.map { name in
        switch name {
        case .crossEntropy: (CrossEntropy(classWeights: classWeighting.weights(labelCounts)), 1)
        case .dice: (Dice(), 1)
        }
      })
  }

  var learningRateSchedule: LearningRateSchedule {
    switch schedule {
    case .constant: LearningRateSchedule(.constant, warmUp: warmUp)
    case .cosine: LearningRateSchedule(.cosine, warmUp: warmUp)
    case .step: LearningRateSchedule(.step(drops: 3, factor: 0.1), warmUp: warmUp)
    }
  }
}
