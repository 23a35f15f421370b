import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("A prepared network", .serialized)
struct PreparedNetworkTests {
  /// Against segmentation_models_pytorch in float64; even sizes take Winograd's transforms, odd ones what is
  /// left.
  @Test("gives the scores of PyTorch", arguments: 0..<KernelSet.all.count, ForwardParityTests.Case.all)
  func scores(set: Int, case: ForwardParityTests.Case) throws {
    let (kernels, name, shape) = (KernelSet.all[set], `case`.testDescription, `case`.shape)
    let network = HashedNetwork.unet(`case`.encoder, bands: shape.channels, classes: 5)
    let prepared = network.prepared(for: [1, shape.channels, shape.height, shape.width], on: kernels)
    let scores = prepared(HashedValues("chips.\(name)").tensor(shape, scale: 2))
    #expect(scores.shape == [shape.batch, 5, shape.height, shape.width])
    let expected = try #require(try HashedNetwork.golden("forward.safetensors")[name]).values
    let found = HashedNetwork.sampled(scores.values, limit: 2048)
    #expect(scaledDifference(found, expected) < 2e-4, "\(kernels.name)")
  }

  /// The set of the build, and that of bf16 where the CPU has AVX-512.
  private static let sets: [any Kernels] = [KernelSet.standard, KernelSet.bfloat16].compactMap { $0 }

  @Test("gives the same bytes in every batch and for every number of threads", arguments: sets.indices)
  func repeatability(set: Int) {
    let network = HashedNetwork.unet(.eighteen, bands: 13, classes: 6)
    let prepared = network.prepared(for: [1, 13, 96, 64], on: Self.sets[set])
    let chips = HashedValues("batch").tensor([5, 13, 96, 64], scale: 2)
    let together = computing(threads: 1) { prepared(chips).values }
    #expect(computing(threads: 2) { prepared(chips).values } == together)
    #expect(computing(threads: 3) { prepared(chips).values } == together)
    let image = chips.shape.count / 5
    let alone = (0..<5).flatMap { index in
      prepared(
        Tensor(Array(chips.values[index * image..<(index + 1) * image]), shape: [1, 13, 96, 64])
      ).values
    }
    #expect(alone == together)
  }

  @Test("keeps the weights that it was prepared with")
  func weights() {
    let network = HashedNetwork.unet(.eighteen, bands: 3, classes: 2)
    let prepared = network.prepared(for: [1, 3, 32, 32], on: KernelSet.standard)
    let chip = HashedValues("chip").tensor([1, 3, 32, 32])
    let before = prepared(chip).values
    for parameter in network.parameters.all { parameter.tensor.mutate { $0.update(repeating: 0) } }
    #expect(prepared(chip).values == before)
  }
}
