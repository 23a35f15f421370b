import Chips
import Classes
import Layers
import Models
import Tasks
import Tensors

/// Self-training by a teacher, the moving average of the network: it labels the target's chips, half of the
/// classes of the labelled chips are pasted onto them, and the network learns from the mixture.
///
/// The loss is weight x the mean cross-entropy over the pixels of the mixture; what the teacher says counts
/// the share of the target's pixels of which it is surer than `confidence`. The teacher normalises by the
/// statistics of the batch. Pixels without data teach nothing.
///
/// - Source: Tranheden et al. 2021, arXiv:2007.08702 (DACS); Tarvainen & Valpola 2017, arXiv:1703.01780.
public final class MeanTeacher: DomainMethod {
  /// Chips of the other domain.
  public let chips: ChipSet
  private let weight, confidence: Double
  private let teacher: Model
  private let average: WeightAverage

  /// Creates a teacher that starts as `model` and keeps `decay` of itself at a step, less in the beginning
  /// (``WeightAverage``).
  public init(
    weight: Double, confidence: Double, decay: Double, of model: Model, to chips: ChipSet
  ) {
    (self.weight, self.confidence, self.chips) = (weight, confidence, chips)
    teacher = model.copy()
    average = WeightAverage(.exponential(decay: decay))
  }

  /// Prepares nothing, because the teacher follows the network from step to step.
  public func begin(epoch: Int, of count: Int, _ model: Model, kernels: any Kernels) {}

  /// Adds the gradient of the loss on mixed chips, which the teacher has labelled in part, to their scores.
  ///
  /// The teacher first becomes the running average of the network's weights.
  public func add(to step: JointStep) -> Double {
    average.add(step.network.parameters)
    teacher.network.parameters.restore(average.weights)
    let taught = labels(step)
    var random = step.random
    let shape = step.unlabelled.input.shape
    let mix = ClassMix(step.labelled.targets, plane: shape.height * shape.width, random: &random)
    let scores = step.forward(mix.values(step.labelled.input, onto: step.unlabelled.input)).scores
    let probabilities = Softmax.probabilities(step.kernels.plain(scores.tensor))
    let (own, others) = (
      mix.labels(step.labelled.targets), mix.labels(taught.labels, pasted: false)
    )
    // Means over the pixels of each part become their part of the mean over all.
    let counts = [own, others].map { Double($0.count { $0 != ClassIndex.none }) }
    var value = 0.0
    for (labels, share) in [(own, counts[0]), (others, taught.share * counts[1])] where share > 0 {
      let loss = CrossEntropy().evaluate(probabilities: probabilities, targets: labels)
      let factor = weight * share / (counts[0] + counts[1])
      step.add(loss.gradient, times: factor, to: scores)
      value += factor * loss.value
    }
    return value
  }

  /// Returns the teacher's labels of the unlabelled chips, and the share of their pixels of which it is sure.
  private func labels(_ step: JointStep) -> (labels: [UInt8], share: Double) {
    let pass = Pass(.reestimation(pass: 0), kernels: step.kernels)
    let scores = teacher.network(Value(step.unlabelled.input), in: pass).scores.tensor
    let probabilities = Softmax.probabilities(step.kernels.plain(scores))
    var labels = probabilities.likeliestClasses
    let (classes, plane) = (
      probabilities.shape.channels, probabilities.shape.height * probabilities.shape.width
    )
    var (sure, count) = (0, 0)
    probabilities.withValues { values in
      for pixel in labels.indices {
        guard step.unlabelled.valid[pixel] else {
          labels[pixel] = ClassIndex.none
          continue
        }
        count += 1
        let first = pixel / plane * classes * plane + pixel % plane
        if Double(values[first + Int(labels[pixel]) * plane]) > confidence { sure += 1 }
      }
    }
    return (labels, Double(sure) / Double(max(1, count)))
  }

  /// Holds copies of the teacher's weights and of the number of steps that they average.
  public var state: [String: Tensor] {
    get { average.state }
    set { average.state = newValue }
  }
}
