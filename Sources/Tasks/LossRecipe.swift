import Layers

/// What training minimises.
public enum LossName: String, CaseIterable, Hashable, Sendable {
  /// ``CrossEntropy``.
  case crossEntropy = "cross-entropy"
  /// ``Focal``.
  case focal
  /// ``Dice``.
  case dice
  /// ``Tversky``.
  case tversky
  /// ``LovaszSoftmax``.
  case lovasz
  /// ``HardExamples``.
  case hardExamples = "ohem"
  /// ``EarthMover``: the classes are ordered as the file lists them.
  case earthMover = "earth-mover"
}

/// How much a class counts in cross-entropy and what is made of it.
public enum ClassWeighting: String, CaseIterable, Hashable, Sendable {
  /// Every pixel alike.
  case none
  /// Rare classes more: 1 / sqrt(share of the labels), scaled to mean 1 over the classes present.
  case balanced
  /// Rare classes more, by the effective number of labels (Cui et al. 2019, arXiv:1901.05555) at beta =
  /// 0.9999.
  case effectiveNumber = "effective-number"

  /// The weight of each class, given its labelled pixels; nil where all count alike. A class without labels
  /// gets 0.
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
  /// What is summed.
  public var names: [LossName] = [.crossEntropy, .dice]
  /// Whether nobody said what is summed, so that the task may know better.
  public var isDefault = true
  /// How much each counts, in the order of ``names``; 1 each where there are none.
  public var weights: [Double] = []
  /// How much a class counts in cross-entropy, focal loss and hard examples.
  public var classWeighting = ClassWeighting.none
  /// The share of each label that cross-entropy deals out to all classes.
  public var labelSmoothing = 0.0
  /// How fast the focal loss forgets what is right already.
  public var focalGamma = 2.0
  /// What a false positive counts in the Tversky loss, as in Salehi et al. 2017; a miss counts the rest to 1.
  private static let falsePositives = 0.3
  /// The share of pixels that `ohem` learns from. No other value was measured.
  private static let hardShare = 0.25

  /// Cross-entropy and Dice.
  public init() {}

  /// The same for whole images where nobody said what is summed: cross-entropy alone, for images have no
  /// outlines that could overlap.
  var ofWholeImages: LossRecipe {
    var recipe = self
    if isDefault { recipe.names = [.crossEntropy] }
    return recipe
  }

  /// The sum, given the labelled pixels of each class.
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
