import CPUKernels
import Layers
import NumericOracles
import Tensors
import Testing

/// What normalisations do with statistics in each phase of a pass, on each kernel set.
@Suite("Batch normalisation by phase")
struct NormalizationPhaseTests {
  private static let shape: Shape = [2, 3, 5, 4]

  private let parameters = ParameterList()
  private let norm: BatchNormalization

  init() {
    norm = BatchNormalization(channels: 3, in: ParameterScope(parameters, seed: 0))
    parameters["running_mean"]!.set(Tensor([0.5, -1, 2], shape: [3]))
    parameters["running_var"]!.set(Tensor([1, 4, 0.25], shape: [3]))
  }

  @Test(
    "training moves the running statistics a tenth of the way to the batch's, the variance unbiased",
    arguments: sets)
  func training(set: Int) {
    let batch = Self.batch(0)
    _ = norm(Value(batch), in: Pass(.training, kernels: KernelSet.all[set]))
    let (mean, variance) = Self.moments(batch)
    #expect(scaledDifference(running.mean, zip([0.5, -1, 2], mean).map { 0.9 * $0 + 0.1 * $1 }) < 1e-5)
    #expect(
      scaledDifference(running.variance, zip([1, 4, 0.25], variance).map { 0.9 * $0 + 0.1 * $1 }) < 1e-5)
  }

  @Test(
    "one value a channel tells nothing: the running statistics serve and stay, and the pass says so",
    arguments: sets, [false, true])
  func singleValue(set: Int, isReestimated: Bool) {
    let kernels = KernelSet.all[set]
    let input = Tensor([1, 2, 3], shape: [1, 3, 1, 1])
    let pass = Pass(isReestimated ? .reestimation(pass: 0) : .training, kernels: kernels)
    let output = norm(Value(input), in: pass)
    let expected = norm(Value(input), in: Pass(.inference, kernels: kernels))
    #expect(kernels.plain(output.tensor).values == kernels.plain(expected.tensor).values)
    #expect(running.mean == [0.5, -1, 2] && running.variance == [1, 4, 0.25])
    #expect(pass.heldNormalizations == [""])
  }

  @Test(
    "copies of one value a channel are normalised by the running statistics and leave them, other values move them",
    arguments: sets)
  func copies(set: Int) {
    let kernels = KernelSet.all[set]
    let copies = Pass(.training, kernels: kernels)
    let input = Value(Tensor([1, 2, 3, 1, 2, 3], shape: [2, 3, 1, 1]), needsGradient: true)
    let output = norm(input, in: copies)
    let expected = norm(Value(input.tensor), in: Pass(.inference, kernels: kernels))
    #expect(kernels.plain(output.tensor).values == kernels.plain(expected.tensor).values)
    output.accumulate(Tensor(repeating: 1, shape: [2, 3, 1, 1]), with: kernels)
    _ = copies.backward()
    let factors = [1, 4, 0.25].map { Float(1 / ($0 + 1e-5).squareRoot()) }
    #expect(scaledDifference(kernels.plain(input.gradient!).values, factors + factors) < 1e-5)
    #expect(running.variance == [1, 4, 0.25] && copies.heldNormalizations == [""])
    let others = Pass(.training, kernels: kernels)
    _ = norm(Value(Tensor([1, 2, 3, 2, 2, 3], shape: [2, 3, 1, 1])), in: others)
    #expect(running.variance != [1, 4, 0.25] && others.heldNormalizations.isEmpty)
  }

  @Test("a frozen normalisation uses its running statistics in training and leaves them", arguments: sets)
  func frozen(set: Int) {
    let kernels = KernelSet.all[set]
    parameters.freeze([""])
    let inference = norm(Value(Self.batch(0)), in: Pass(.inference, kernels: kernels)).tensor
    let pass = Pass(.training, kernels: kernels)
    let input = Value(Self.batch(0), needsGradient: true)
    let output = norm(input, in: pass)
    #expect(kernels.plain(output.tensor).values == kernels.plain(inference).values)
    #expect(running.mean == [0.5, -1, 2] && running.variance == [1, 4, 0.25])

    // y = x / sqrt(var + eps) + constant: so is the gradient.
    output.accumulate(Tensor(repeating: 1, shape: Self.shape), with: kernels)
    #expect(pass.backward().isEmpty)
    let factors = [1, 4, 0.25].map { Float(1 / ($0 + 1e-5).squareRoot()) }
    let expected = (0..<2).flatMap { _ in factors.flatMap { Array(repeating: $0, count: 20) } }
    #expect(scaledDifference(kernels.plain(input.gradient!).values, expected) < 1e-5)
  }

  @Test("inference uses the running statistics and leaves them", arguments: sets)
  func inference(set: Int) {
    let kernels = KernelSet.all[set]
    let found = norm(Value(Self.batch(0)), in: Pass(.inference, kernels: kernels)).tensor
    let (mean, variance): ([Float], [Float]) = ([0.5, -1, 2], [1, 4, 0.25])
    let expected = Self.batch(0).values.enumerated().map { index, value in
      let channel = index / 20 % 3
      return (value - mean[channel]) / (variance[channel] + 1e-5).squareRoot()
    }
    #expect(scaledDifference(kernels.plain(found).values, expected) < 1e-5)
    #expect(running.mean == mean && running.variance == variance)
  }

  @Test("re-estimation leaves the plain average over its passes, frozen or not", arguments: [false, true])
  func reestimation(frozen: Bool) {
    if frozen { parameters.freeze([""]) }
    let moments = (0..<3).map { pass in
      _ = norm(Value(Self.batch(pass)), in: Pass(.reestimation(pass: pass), kernels: KernelSet.standard))
      return Self.moments(Self.batch(pass))
    }
    let mean = (0..<3).map { channel in moments.reduce(0) { $0 + $1.mean[channel] } / 3 }
    let variance = (0..<3).map { channel in moments.reduce(0) { $0 + $1.variance[channel] } / 3 }
    #expect(scaledDifference(running.mean, mean) < 1e-5)
    #expect(scaledDifference(running.variance, variance) < 1e-5)
  }

  @Test("frozen layers bring no gradient back, trainable ones behind them do", arguments: sets)
  func frozenLayers(set: Int) {
    let kernels = KernelSet.all[set]
    let network = SmallNetwork(seed: 5)
    network.parameters.freeze(["second."])
    let pass = Pass(.training, kernels: kernels)
    let scores = network(Value(HashedValues("chips").tensor([2, 2, 6, 6])), in: pass)
    scores.accumulate(HashedValues("gradient").tensor(scores.tensor.shape), with: kernels)
    let gradients = pass.backward()
    #expect(
      Set(gradients.map(\.parameter.path)) == [
        "first.convolution.weight", "first.norm.weight", "first.norm.bias",
      ])
    #expect(gradients.allSatisfy { $0.gradient.shape == $0.parameter.tensor.shape })
    #expect(gradients.allSatisfy { $0.gradient.values.contains { $0 != 0 } })
  }

  private static let sets = Array(KernelSet.all.indices)

  private static func batch(_ number: Int) -> Tensor {
    HashedValues("batch \(number)").tensor(shape, scale: 1 + Double(number), offset: Double(number) - 0.5)
  }

  private var running: (mean: [Float], variance: [Float]) {
    (parameters["running_mean"]!.tensor.values, parameters["running_var"]!.tensor.values)
  }

  /// Mean and unbiased variance of each channel.
  private static func moments(_ batch: Tensor) -> (mean: [Float], variance: [Float]) {
    let channels = (0..<3).map { channel in
      batch.values.indices.filter { $0 / 20 % 3 == channel }.map { Double(batch.values[$0]) }
    }
    let means = channels.map { $0.reduce(0, +) / 40 }
    let variances = zip(channels, means).map { values, mean in
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39
    }
    return (means.map(Float.init), variances.map(Float.init))
  }
}
