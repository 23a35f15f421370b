import CPUKernels
import Checkpoints
import Chips
import Layers
import Models
import NumericOracles
import Tensors
import Testing
import Transfer

@Suite("Adapting statistics", .serialized)
struct StatisticsAdaptationTests {
  private let chips = TinyProblem("target", offset: 2).chips(side: 96, unlabelled: true)  // 9 chips

  /// Mean and unbiased variance of each channel of the first convolution over the given chips, in Double.
  private func stem(_ model: Model, _ numbers: [Int]) -> (mean: [Double], variance: [Double]) {
    let kernels = ReferenceKernels()
    let output = kernels.plain(
      kernels.convolution(
        chips.batch(numbers).input, weight: model.network.parameters["encoder.conv1.weight"]!.tensor,
        bias: nil,
        kernel: SlidingKernel(size: 7, stride: 2, padding: 3)))
    let plane = output.shape.height * output.shape.width
    let values = output.values
    let channels = (0..<64).map { channel in
      numbers.indices.flatMap { image in
        (0..<plane).map { Double(values[(image * 64 + channel) * plane + $0]) }
      }
    }
    let means = channels.map { $0.reduce(0, +) / Double($0.count) }
    let variances = zip(channels, means).map { channel, mean in
      channel.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channel.count - 1)
    }
    return (means, variances)
  }

  private func running(_ model: Model, _ name: String) -> [Double] {
    model.network.parameters["encoder.bn1.\(name)"]!.tensor.values.map(Double.init)
  }

  @Test("In one pass the statistics become those of the target's chips")
  func onePass() throws {
    let model = try TinyProblem.model()
    let before = model.bits
    let seen = StatisticsAdaptation(batch: 9).adapt(model, to: chips, kernels: KernelSet.standard)
    let expected = stem(model, Array(0..<9))
    #expect(seen == 9)
    #expect(scaledDifference(running(model, "running_mean"), expected.mean) < 1e-5)
    #expect(scaledDifference(running(model, "running_var"), expected.variance) < 1e-4)
    let changed = changedPaths(before, model.bits)
    #expect(changed.allSatisfy { $0.hasSuffix("running_mean") || $0.hasSuffix("running_var") })
    #expect(changed.count == before.keys.count { $0.contains("running_") })
  }

  @Test("Several passes give the average over them, each from all over the target")
  func passes() throws {
    let model = try TinyProblem.model()
    #expect(StatisticsAdaptation(batch: 4).adapt(model, to: chips, kernels: KernelSet.standard) == 8)
    let (first, second) = (stem(model, [0, 2, 4, 6]), stem(model, [1, 3, 5, 7]))
    let mean = zip(first.mean, second.mean).map { ($0 + $1) / 2 }
    let variance = zip(first.variance, second.variance).map { ($0 + $1) / 2 }
    #expect(scaledDifference(running(model, "running_mean"), mean) < 1e-5)
    #expect(scaledDifference(running(model, "running_var"), variance) < 1e-4)
  }

  @Test("A blend mixes with the statistics of before", arguments: [0.0, 0.25])
  func blend(share: Double) throws {
    let (model, full) = (try TinyProblem.model(), try TinyProblem.model())
    let before = model.bits
    _ = StatisticsAdaptation(batch: 9).adapt(full, to: chips, kernels: KernelSet.standard)
    _ = StatisticsAdaptation(blend: share, batch: 9).adapt(model, to: chips, kernels: KernelSet.standard)
    // Fresh networks start from mean 0 and variance 1.
    for (name, old) in [("running_mean", 0.0), ("running_var", 1.0)] {
      let expected = running(full, name).map { share * $0 + (1 - share) * old }
      #expect(zip(running(model, name), expected).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
    }
    #expect(share > 0 || model.bits == before)
  }

  @Test("A chip that ends in one value a channel leaves the statistics of the image pooling, and says so")
  func singleValue() throws {
    var card = TinyProblem.card
    card.architecture = "deeplabv3plus"
    let model = try Model(card: card, seed: 1)
    var warnings: [String] = []
    _ = StatisticsAdaptation(batch: 1).adapt(
      model, to: chips, kernels: KernelSet.standard, warn: { warnings.append($0) })
    let pooling = "decoder.aspp.0.convs.4.2"
    let variances = model.network.parameters["\(pooling).running_var"]!.tensor.values
    #expect(variances.allSatisfy { $0 == 1 })
    #expect(
      warnings.count == 1 && warnings[0].hasPrefix("batch normalisation \(pooling) saw one value a channel"))
  }

  @Test("Without a chip nothing changes")
  func nothing() throws {
    let model = try TinyProblem.model()
    let before = model.bits
    let none = ChipSet([], normalization: Normalization(TinyProblem.card), size: 32, stride: 32)
    #expect(
      StatisticsAdaptation().adapt(model, to: none, kernels: KernelSet.standard) == 0 && model.bits == before)
  }
}
