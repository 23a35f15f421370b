import Chips
import Layers
import Models
import Tensors

/// Adversarial training in the space of outputs: a discriminator learns to tell the domains apart by their
/// maps of class probabilities, and the network learns to give the target maps that look like the source's.
///
/// The network's loss is weight x the discriminator's cross-entropy of the target's maps called the source's;
/// the discriminator then takes its own step, by Adam. Pixels without data are 0 in the maps and get no
/// gradient.
///
/// - Source: Tsai et al. 2018, arXiv:1802.10349 (AdaptSegNet, at one level).
public final class OutputAdversary: DomainMethod {
  /// Chips of the other domain.
  public let chips: ChipSet
  private let weight: Double
  private let discriminator: MapDiscriminator
  private let learning: OpponentLearning

  /// Sides of chips from which on there is something to look at.
  public static let smallestChip = MapDiscriminator.smallestSide

  /// Creates an adversary that learns at `rate` from fresh weights; chips have sides of ``smallestChip`` at
  /// least.
  public init(weight: Double, rate: Double, classes: Int, seed: UInt64, to chips: ChipSet) {
    (self.weight, self.chips) = (weight, chips)
    discriminator = MapDiscriminator(classes: classes, seed: seed)
    learning = OpponentLearning(discriminator.parameters, rate: rate, beta2: 0.99)
  }

  /// Prepares nothing, because the discriminator learns from step to step.
  public func begin(epoch: Int, of count: Int, _ model: Model, kernels: any Kernels) {}

  /// Adds the gradient of the network's loss to the target's scores, and moves the discriminator by one step
  /// of its own.
  public func add(to step: JointStep) -> Double {
    let kernels = step.kernels
    let target = step.forward(step.unlabelled.input)
    let probabilities = Softmax.probabilities(kernels.plain(target.scores.tensor))
    let maps = Self.masked(probabilities, step.unlabelled.valid)
    let (value, gradient) = discriminator.deception(maps, kernels)
    let back = Softmax.scoreGradient(Self.masked(gradient, step.unlabelled.valid), at: probabilities)
    step.add(back, times: weight, to: target.scores)
    learning.step(
      discriminator.detection(Self.masked(step.probabilities, step.labelled.valid), maps, kernels).gradients)
    return weight * value
  }

  /// Holds copies of the discriminator's weights and of its optimiser's state.
  public var state: [String: Tensor] {
    get { learning.state }
    set { learning.state = newValue }
  }

  /// Plain `[N, K, H, W]` with 0 where a pixel holds no data.
  private static func masked(_ maps: Tensor, _ valid: [Bool]) -> Tensor {
    guard valid.contains(false) else { return maps }
    let (channels, plane) = (maps.shape.channels, maps.shape.height * maps.shape.width)
    return Tensor(shape: maps.shape) { masked in
      maps.withValues { maps in
        for index in masked.indices {
          masked[index] = valid[index / (channels * plane) * plane + index % plane] ? maps[index] : 0
        }
      }
    }
  }
}

extension Softmax {
  /// Returns the gradient with respect to the scores, p[k] (d[k] - sum of p d), from that d with respect to
  /// the probabilities p; all plain `[N, K, H, W]`.
  package static func scoreGradient(_ gradient: Tensor, at probabilities: Tensor) -> Tensor {
    let (classes, plane) = (gradient.shape.channels, gradient.shape.height * gradient.shape.width)
    return Tensor(shape: gradient.shape) { result in
      gradient.withValues { gradient in
        probabilities.withValues { probabilities in
          for pixel in 0..<gradient.count / classes {
            let first = pixel / plane * classes * plane + pixel % plane
            let places = stride(from: first, to: first + classes * plane, by: plane)
            let mean = places.reduce(Float(0)) { $0 + gradient[$1] * probabilities[$1] }
            for place in places { result[place] = probabilities[place] * (gradient[place] - mean) }
          }
        }
      }
    }
  }
}
