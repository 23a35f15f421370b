import Layers
import Models
import Tensors

/// Takes training steps as ``TrainingLoop`` does, without its chips.
final class Learner {
  private let network: any Network
  private let kernels: any Kernels
  private let optimizer = AdamW()
  private(set) var losses: [Double] = []

  init(_ network: any Network, on kernels: any Kernels) { (self.network, self.kernels) = (network, kernels) }

  func step(_ input: Tensor, _ targets: [UInt8]) {
    let pass = Pass(.training, kernels: kernels)
    let scores = network(Value(input), in: pass).scores
    let loss = CrossEntropy().evaluate(
      probabilities: Softmax.probabilities(kernels.plain(scores.tensor)), targets: targets)
    losses.append(loss.value)
    scores.accumulate(loss.gradient, with: kernels)
    let gradients = pass.backward().map { (parameter: $0.parameter, gradient: kernels.plain($0.gradient)) }
    optimizer.step(gradients) { _ in 1e-4 }
  }
}
