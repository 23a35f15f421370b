import Layers

/// A loss that training minimises, by its name in pipeline files.
public enum LossName: String, CaseIterable, Hashable, Sendable {
  /// The cross-entropy of each pixel, ``CrossEntropy``.
  case crossEntropy = "cross-entropy"
  /// The focal loss, ``Focal``.
  case focal
  /// The Dice loss, ``Dice``.
  case dice
  /// The Tversky loss, ``Tversky``.
  case tversky
  /// The Lovász softmax loss, ``LovaszSoftmax``.
  case lovasz
  /// The cross-entropy of the hardest pixels, ``HardExamples``.
  case hardExamples = "ohem"
  /// The earth mover's distance, ``EarthMover``: the classes are ordered as the file lists them.
  case earthMover = "earth-mover"
}

/// The weighting of classes by their labelled pixels, in cross-entropy and the losses made of it.
public enum ClassWeighting: String, CaseIterable, Hashable, Sendable {
  /// Every pixel counts alike.
  case none
  /// Rare classes more: 1 / sqrt(share of the labels), scaled to mean 1 over the classes present.
  case balanced
  /// Rare classes more, by the effective number of labels (Cui et al. 2019, arXiv:1901.05555) at beta =
  /// 0.9999.
  case effectiveNumber = "effective-number"

  /// Returns the weight of each class, given its labelled pixels; nil where all count alike. A class without
  /// labels gets 0.
  package func weights(_ counts: [Int]) -> [Float]? {
    switch self {
    case .none: return nil
    case .balanced:
      let raw = counts.map { $0 > 0 ? 1 / Double($0).squareRoot() : 0 }
      let mean = raw.reduce(0, +) / Double(max(1, raw.filter { $0 > 0 }.count))
      return raw.map { Float($0 / mean) }
    case .effectiveNumber: return ClassBalance.effectiveNumber(counts: counts, beta: 0.9999)
    }
  }
}

/// A weighted sum of losses and their parameters.
public struct LossRecipe: Hashable, Sendable {
  /// The losses that are summed.
  public var names: [LossName] = [.crossEntropy, .dice]
  /// Whether nobody said what is summed, so that the task may know better.
  public var isDefault = true
  /// The weight of each loss, in the order of ``names``; 1 each where there are none.
  public var weights: [Double] = []
  /// The weighting of classes in cross-entropy, focal loss and hard examples.
  public var classWeighting = ClassWeighting.none
  /// The share of each label that cross-entropy deals out to all classes.
  public var labelSmoothing = 0.0
  /// The focusing exponent gamma of the focal loss: the higher, the less pixels count that are right already.
  public var focalGamma = 2.0
  /// The weight of a false positive in the Tversky loss, as in Salehi et al. 2017; a miss counts the rest to
  /// 1.
  private static let falsePositives = 0.3
  /// The share of pixels that `ohem` learns from. No other value was measured.
  private static let hardShare = 0.25

  /// Creates the sum of cross-entropy and Dice.
  public init() {}

  /// The recipe for whole images where nobody said what is summed: cross-entropy alone, for images have no
  /// outlines that could overlap.
  var ofWholeImages: LossRecipe {
    var recipe = self
    if isDefault { recipe.names = [.crossEntropy] }
    return recipe
  }

  /// Makes the sum of losses, given the labelled pixels of each class.
  func makeLoss(labelCounts: [Int]) -> WeightedLosses {
    let classWeights = classWeighting.weights(labelCounts)
    return WeightedLosses(
      names.enumerated().map { index, name in
        (loss(name, classWeights), weights.isEmpty ? 1 : weights[index])
      })
  }

  private func loss(_ name: LossName, _ classWeights: [Float]?) -> any SegmentationLoss {
    switch name {
    case .crossEntropy: CrossEntropy(classWeights: classWeights, labelSmoothing: labelSmoothing)
    case .focal: Focal(gamma: focalGamma, classWeights: classWeights)
    case .dice: Dice()
    case .tversky: Tversky(alpha: Self.falsePositives, beta: 1 - Self.falsePositives)
    case .lovasz: LovaszSoftmax()
    case .hardExamples: HardExamples(share: Self.hardShare, classWeights: classWeights)
    case .earthMover: EarthMover()
    }
  }
}
