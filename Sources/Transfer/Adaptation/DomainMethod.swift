import Chips
import Layers
import Models
import Numerics
import Tensors

/// A method by which a network that learns the labels of one domain is made to work on another one without
/// labels.
public protocol DomainMethod: AnyObject {
  /// Chips of the other domain, from which batches are cut; asked for before each pass over the labelled
  /// ones. They may have labels that the method has made up.
  var chips: ChipSet { get }

  /// Prepares for pass `epoch` of `count` over the labelled chips. On the same weights it prepares the same.
  ///
  /// - Parameter kernels: those of Float32, whatever the precision of the training.
  func begin(epoch: Int, of count: Int, _ model: Model, kernels: any Kernels)

  /// Adds its gradients to values of a step.
  ///
  /// - Returns: what it adds to the step's loss.
  func add(to step: JointStep) -> Double

  /// A copy of everything that later steps depend on, by names of the method's own: a training that was
  /// interrupted goes on to the same bytes when a method with the same settings is given it.
  var state: [String: Tensor] { get set }
}

/// One batch of each domain in a step, between the forward pass over the labelled one and the way back.
public struct JointStep {
  /// The network that is trained.
  public let network: any Network
  /// The pass, which remembers the way back.
  public let pass: Pass
  /// Chips with labels.
  public let labelled: ChipBatch
  /// The network's output for them.
  public let output: NetworkOutput
  /// The network's class probabilities, plain `[N, K, H, W]`.
  public let probabilities: Tensor
  /// Chips of the other domain.
  public let unlabelled: ChipBatch
  /// The share of the training's steps that lies behind, in `0 ..< 1`.
  public let progress: Double
  /// A stream that is this step's own.
  public let random: RandomSource

  package init(
    network: any Network, pass: Pass, kernels: any AdjointKernels, labelled: ChipBatch,
    output: NetworkOutput, probabilities: Tensor, unlabelled: ChipBatch, progress: Double,
    random: RandomSource
  ) {
    (self.network, self.pass, self.kernels) = (network, pass, kernels)
    (self.labelled, self.output) = (labelled, output)
    (self.probabilities, self.unlabelled) = (probabilities, unlabelled)
    (self.progress, self.random) = (progress, random)
  }

  /// The kernels of the pass.
  let kernels: any AdjointKernels

  /// Takes the unlabelled chips, or others in their place, through the network. They are normalised by their
  /// own batch, and running statistics follow them in any case.
  func forward(_ input: Tensor) -> NetworkOutput {
    pass.movesStatistics = true
    return network(Value(input), in: pass)
  }

  /// Adds `factor` x `gradient`, plain, to the gradient of a value.
  func add(_ gradient: Tensor, times factor: Double, to value: Value) {
    let factor = Float(factor)
    let scaled = Tensor(shape: gradient.shape) { scaled in
      gradient.withValues { gradient in
        for index in scaled.indices { scaled[index] = factor * gradient[index] }
      }
    }
    value.accumulate(scaled, with: kernels)
  }
}
