import Checkpoints
import Chips
import Layers
import Models
import Numerics
import Tensors

/// Domain-adversarial training: a classifier learns to tell the domains apart by the features of a pixel, and
/// the network learns features by which it cannot.
///
/// The network gets -weight x lambda times the gradient of the classifier's loss, lambda after
/// ``GradientReversal``; the classifier gets the gradient itself and has an optimiser of its own, Adam at a
/// constant rate. It sees at most so many pixels of each domain in a step. Conditional (CDAN) it is given the
/// outer product of features and class probabilities, so that classes are aligned with themselves; the
/// probabilities count as constants, as the authors have it.
///
/// - Source: Ganin et al. 2016, arXiv:1505.07818 (DANN); Long et al. 2018, arXiv:1705.10667 (CDAN).
public final class DomainAdversary: DomainMethod {
  /// Settings of an adversary.
  public struct Options: Hashable, Sendable {
    /// The weight of the adversary's gradient for the network.
    public var weight: Double
    /// The rate at which the classifier learns.
    public var rate: Double
    /// The most pixels of a domain in a step.
    public var pixels: Int
    /// Whether it is given the class probabilities, too.
    public var isConditional: Bool
    /// The classifier's first weights.
    public var seed: UInt64

    /// Settings of an adversary.
    public init(weight: Double, rate: Double, pixels: Int, isConditional: Bool, seed: UInt64) {
      (self.weight, self.rate, self.pixels) = (weight, rate, pixels)
      (self.isConditional, self.seed) = (isConditional, seed)
    }
  }

  /// Chips of the other domain.
  public let chips: ChipSet
  private let options: Options
  private let classifier: DomainClassifier
  private let learning: OpponentLearning

  /// Creates an adversary of `model`.
  public init(_ options: Options, of model: Model, to chips: ChipSet) {
    (self.options, self.chips) = (options, chips)
    let features = model.network.description.featureChannels
    let factor = options.isConditional ? model.card.classes.count : 1
    classifier = DomainClassifier(inputs: features * factor, seed: options.seed)
    learning = OpponentLearning(classifier.parameters, rate: options.rate)
  }

  /// Prepares nothing, because the classifier learns from step to step.
  public func begin(epoch: Int, of count: Int, _ model: Model, kernels: any Kernels) {}

  /// Adds the reversed gradient of the classifier's loss to both domains' features, and moves the classifier
  /// by one step of its own.
  public func add(to step: JointStep) -> Double {
    let target = step.forward(step.unlabelled.input)
    var random = step.random
    let source = View(step.labelled, step.output, options, step.kernels, &random)
    let other = View(step.unlabelled, target, options, step.kernels, &random)
    guard source.sample.count > 0, other.sample.count > 0 else { return 0 }
    let found = classifier.evaluate(source.rows, other.rows, step.kernels)
    let factor = -options.weight * GradientReversal.strength(at: step.progress)
    step.add(source.featureGradient(found.source), times: factor, to: step.output.features)
    step.add(other.featureGradient(found.target), times: factor, to: target.features)
    learning.step(found.parameters)
    return options.weight * found.value
  }

  /// Holds copies of the classifier's weights and of its optimiser's state.
  public var state: [String: Tensor] {
    get { learning.state }
    set { learning.state = newValue }
  }

  /// The classifier's input from one domain's batch.
  private struct View {
    let sample: PixelSample
    /// `[n, D]`, or conditional `[n, K D]`.
    let rows: Tensor
    private let probabilities: Tensor?

    init(
      _ batch: ChipBatch, _ output: NetworkOutput, _ options: Options, _ kernels: any AdjointKernels,
      _ random: inout RandomSource
    ) {
      sample = PixelSample(
        of: batch, features: output.features.tensor.shape, count: options.pixels, random: &random)
      let features = sample.rows(of: kernels.plain(output.features.tensor))
      if options.isConditional {
        let shares = sample.rows(of: Softmax.probabilities(kernels.plain(output.scores.tensor)))
        (probabilities, rows) = (shares, ClassConditioning.products(features, shares))
      } else {
        (probabilities, rows) = (nil, features)
      }
    }

    /// Returns the gradient with respect to the features from that with respect to ``rows``.
    func featureGradient(_ gradient: Tensor) -> Tensor {
      sample.maps(of: probabilities.map { ClassConditioning.featureGradient(gradient, $0) } ?? gradient)
    }
  }
}
