import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("Networks whose values lie in the memory of another device", .serialized)
struct DistantNetworkTests {
  private static let optimizers: [String: @Sendable () -> any Optimizer] = [
    "SGD": { StochasticGradientDescent(weightDecay: 0.01) }, "AdamW": { AdamW() },
    "LARS": { LARS(weightDecay: 0.01) }, "LAMB": { LAMB() },
  ]

  @Test(
    "loss, gradients and steps are those of the host, byte for byte", arguments: optimizers.keys.sorted())
  func training(name: String) {
    let optimizer = Self.optimizers[name]!
    let host = TrainingParityTests.train(ReferenceKernels(), optimizer(), rate: 1e-3, steps: 2)
    let distant = TrainingParityTests.train(
      DistantKernels(ReferenceKernels()), optimizer(), rate: 1e-3, steps: 2)
    #expect(distant.losses == host.losses)
    for (found, expected) in zip(distant.network.parameters.all, host.network.parameters.all) {
      #expect(found.tensor.values == expected.tensor.values, "\(found.path)")
    }
  }
}
