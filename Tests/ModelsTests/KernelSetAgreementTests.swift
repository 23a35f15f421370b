import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("Whole networks on every kernel set", .serialized)
struct KernelSetAgreementTests {
  @Test(
    "scores of a fresh U-Net agree on every kernel set",
    arguments: ["resnet18", "resnet34"], [[1, 13, 64, 64], [2, 6, 33, 47]] as [Shape])
  func scores(encoder: String, shape: Shape) throws {
    let architecture = try #require(Architecture.named("unet", encoder: encoder))
    let network = architecture.network(bands: shape.channels, classes: 6, seed: 11)
    let input = HashedValues("chips").tensor(shape)
    let expected = scores(of: network, input, KernelSet.all[0])
    #expect(expected.shape == [shape.batch, 6, shape.height, shape.width])
    #expect(expected.values.contains { $0 != 0 })
    for kernels in KernelSet.all.dropFirst() {
      let found = scores(of: network, input, kernels)
      #expect(scaledDifference(found.values, expected.values) < 1e-4)
    }
  }

  private func scores(of network: any Network, _ input: Tensor, _ kernels: any Kernels) -> Tensor {
    kernels.plain(network(Value(input), in: Pass(.inference, kernels: kernels)).scores.tensor)
  }
}
