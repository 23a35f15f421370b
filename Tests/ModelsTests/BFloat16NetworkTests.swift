import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// A U-Net in bf16 against Float32, which is held against PyTorch elsewhere.
@Suite(
  "A network in bf16", .serialized,
  .enabled(if: KernelSet.bfloat16 != nil, "oneDNN computes in bf16 only where the CPU has AVX-512"))
struct BFloat16NetworkTests {
  private let kernels = KernelSet.bfloat16!

  /// PyTorch in bf16 is off by 0.026 on the same network and chips, and has 99.0 % of the classes.
  @Test("prepared gives the scores of Float32 to some two digits, and nearly all of its classes")
  func prepared() {
    let network = HashedNetwork.unet(.eighteen, bands: 13, classes: 6)
    let shape: Shape = [2, 13, 64, 96]
    let chips = HashedValues("chips").tensor(shape, scale: 2)
    let rounded = network.prepared(for: [1, 13, 64, 96], on: kernels)
    let exact = network.prepared(for: [1, 13, 64, 96], on: KernelSet.all[0])
    let (found, expected) = (rounded(chips), exact(chips))
    #expect(found.shape == expected.shape)
    #expect(scaledDifference(found.values, expected.values) < 0.05)
    #expect(scaledDifference(found.values, expected.values) > 0, "nothing was rounded")
    let classes = zip(Self.classes(found), Self.classes(expected))
    #expect(Double(classes.count { $0 == $1 }) > 0.98 * Double(2 * 64 * 96))
  }

  @Test("prepared gives the same bytes in every batch and for every number of threads")
  func repeatability() {
    let network = HashedNetwork.unet(.eighteen, bands: 3, classes: 2)
    let prepared = network.prepared(for: [1, 3, 32, 64], on: kernels)
    let chips = HashedValues("batch").tensor([3, 3, 32, 64], scale: 2)
    let together = computing(threads: 1) { prepared(chips).values }
    #expect(computing(threads: 2) { prepared(chips).values } == together)
    let image = chips.shape.count / 3
    let alone = (0..<3).flatMap { index in
      prepared(
        Tensor(Array(chips.values[index * image..<(index + 1) * image]), shape: [1, 3, 32, 64])
      ).values
    }
    #expect(alone == together)
  }

  @Test("trains as in Float32, on weights of Float32")
  func training() {
    func losses(_ kernels: any Kernels) -> [Double] {
      TrainingParityTests.train(
        kernels, StochasticGradientDescent(momentum: 0.9, weightDecay: 0.01), rate: 1e-3, steps: 3
      ).losses
    }
    #expect(scaledDifference(losses(kernels), losses(KernelSet.standard)) < 0.02)
  }

  private static func classes(_ scores: Tensor) -> [Int] {
    let (values, plane) = (scores.values, scores.shape.height * scores.shape.width)
    return (0..<scores.shape.batch * plane).map { pixel in
      let first = pixel / plane * scores.shape.channels * plane + pixel % plane
      return (0..<scores.shape.channels).max { values[first + $0 * plane] < values[first + $1 * plane] }!
    }
  }
}
