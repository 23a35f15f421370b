import Chips
import Layers
import Models
import Tasks
import Tensors

/// Class-balanced self-training: the network learns from its own labels of the target's pixels of which it is
/// surest, beside the source's, and labels them anew every round.
///
/// Rounds begin with passes over the chips and share them evenly. At the beginning of one the running
/// statistics become the target's (``StatisticsAdaptation``) and the target's chips are labelled: of each
/// class the surest pixels, a portion that grows in even steps from the first round to the last. The loss is
/// weight x the recipe's.
///
/// - Source: Zou et al. 2018, arXiv:1810.07911 (CBST).
public final class SelfTraining: DomainMethod {
  /// Settings of self-training.
  public struct Options: Hashable, Sendable {
    /// The weight of the loss on the network's own labels.
    public var weight: Double
    /// The number of times that labels are made; as many as there are passes at most.
    public var rounds: Int
    /// The share of each class's pixels that is kept in the first round, and in the last.
    public var firstPortion, lastPortion: Double

    /// Settings of self-training.
    public init(weight: Double, rounds: Int, firstPortion: Double, lastPortion: Double) {
      (self.weight, self.rounds) = (weight, rounds)
      (self.firstPortion, self.lastPortion) = (firstPortion, lastPortion)
    }

    /// Returns the round that pass `epoch` of `count` belongs to, from 0 on.
    func round(epoch: Int, of count: Int) -> Int { epoch * min(rounds, count) / count }

    /// Returns the share of a class's pixels that is kept in a round, where the last one is `last`.
    func portion(round: Int, last: Int) -> Double {
      firstPortion + (lastPortion - firstPortion) * (last > 0 ? Double(round) / Double(last) : 0)
    }
  }

  /// Chips of the other domain, with the labels of the present round.
  public private(set) var chips: ChipSet
  private let options: Options
  private let objective: any Objective
  private let batch: Int

  /// Self-training on `chips` with the losses of a recipe; `labelCounts` are the source's labelled pixels of
  /// each class.
  public init(_ options: Options, _ recipe: TrainingRecipe, labelCounts: [Int], on chips: ChipSet) {
    (self.options, self.chips, batch) = (options, chips, recipe.batch)
    objective = Segmentation(classes: labelCounts.count).objective(recipe.loss, labelCounts: labelCounts)
  }

  /// Labels the chips anew where a round begins.
  public func begin(epoch: Int, of count: Int, _ model: Model, kernels: any Kernels) {
    let round = options.round(epoch: epoch, of: count)
    guard epoch == 0 || options.round(epoch: epoch - 1, of: count) != round else { return }
    _ = StatisticsAdaptation(batch: batch).adapt(model, to: chips, kernels: kernels)
    let portion = options.portion(round: round, last: options.round(epoch: count - 1, of: count))
    chips = chips.relabelled(
      PseudoLabels(model, on: chips, portion: portion, batch: batch, kernels: kernels).labels)
  }

  /// Adds the gradient of the recipe's loss on the pseudo-labels to the target's scores, and returns the
  /// loss.
  public func add(to step: JointStep) -> Double {
    let scores = step.forward(step.unlabelled.input).scores
    let found = objective.evaluate(
      Softmax.probabilities(step.kernels.plain(scores.tensor)), of: step.unlabelled)
    step.add(found.gradient, times: options.weight, to: scores)
    return options.weight * found.value
  }

  /// The labels of each region, `[H, W]`.
  public var state: [String: Tensor] {
    get {
      var state: [String: Tensor] = [:]
      for region in 0..<chips.regionCount {
        let (labels, width) = chips.labels(ofRegion: region)
        state["labels \(region)"] = Tensor(labels.map(Float.init), shape: [labels.count / width, width])
      }
      return state
    }
    set {
      chips = chips.relabelled(
        (0..<chips.regionCount).map { region in
          guard let labels = newValue["labels \(region)"] else {
            preconditionFailure("no labels of region \(region)")
          }
          return labels.values.map { UInt8($0) }
        })
    }
  }
}
