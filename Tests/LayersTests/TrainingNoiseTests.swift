import CPUKernels
import Layers
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Dropout and stochastic depth")
struct TrainingNoiseTests {
  /// The sets of Float32, and that of bf16 where the CPU has AVX-512.
  private static let sets = KernelSet.all + [KernelSet.bfloat16].compactMap { $0 }

  private static func source(_ seed: UInt64) -> RandomSource { RandomSource(seed: seed, stream: "noise") }

  /// A value in the layout that a set's own operations make.
  private static func native(_ tensor: Tensor, _ kernels: any Kernels) -> Tensor {
    kernels.nearestResampling(tensor, height: tensor.shape.height, width: tensor.shape.width)
  }

  private static func pass(
    _ kernels: any Kernels = KernelSet.standard, dropout: Float = 0, depth: Float = 0, seed: UInt64 = 1
  ) -> Pass {
    Pass(
      .training, kernels: kernels,
      noise: TrainingNoise(dropout: dropout, stochasticDepth: depth, random: source(seed)))
  }

  @Test("whole channels are dropped, the others scaled, and gradients with them", arguments: sets.indices)
  func dropout(set: Int) {
    let kernels = Self.sets[set]
    let shape: Shape = [3, 19, 4, 5]
    for isNative in [false, true] {
      let ones = Tensor(repeating: 1, shape: shape)
      let input = Value(isNative ? Self.native(ones, kernels) : ones, needsGradient: true)
      let pass = Self.pass(kernels, dropout: 0.25)
      let output = pass.dropout(input)
      let values = kernels.plain(output.tensor).values
      var random = Self.source(1)
      let expected = (0..<3 * 19).flatMap { _ in
        Array(repeating: random.uniform() < 0.25 ? Float(0) : 4 / 3, count: 20)
      }
      #expect(scaledDifference(values, expected) < 1e-6)
      #expect(values.contains(0) && values.contains { $0 > 1 })
      output.accumulate(HashedValues("gradient").tensor(shape), with: kernels)
      pass.tape.backward()
      let products = zip(expected, HashedValues("gradient").tensor(shape).values).map(*)
      #expect(scaledDifference(kernels.plain(input.gradient!).values, products) < 1e-6)
      // What comes next goes on where the pass has stopped.
      #expect(pass.noise!.random.next() == random.next())
    }
  }

  @Test("the mean over many draws is what goes in", arguments: [1, 2] as [UInt64])
  func expectation(seed: UInt64) {
    let input = Value(HashedValues("features").tensor([2, 3, 2, 2], offset: 2))
    let pass = Self.pass(dropout: 0.3, depth: 0.4, seed: seed)
    let depth = StochasticDepth(block: 3, of: 4)
    let draws = 4000
    var (dropped, skipped) = (Array(repeating: 0.0, count: 24), Array(repeating: 0.0, count: 24))
    for _ in 0..<draws {
      for (index, value) in pass.dropout(input).tensor.values.enumerated() { dropped[index] += Double(value) }
      for (index, value) in depth(input, in: pass).tensor.values.enumerated() {
        skipped[index] += Double(value)
      }
    }
    // Five standard errors of sqrt(p / (1 - p) / draws).
    let expected = input.tensor.values.map { Double($0) * Double(draws) }
    for (found, share) in [(dropped, 0.3), (skipped, 0.4)] {
      let error = 5 * (share / (1 - share) / Double(draws)).squareRoot()
      #expect(zip(found, expected).allSatisfy { abs($0 / $1 - 1) < error })
    }
  }

  @Test("the probability grows linearly from 0 at the first block", arguments: 0..<5, [3, 4])
  func rates(block: Int, rank: Int) {
    let images = 4000
    let input = Value(Tensor(repeating: 1, shape: rank == 4 ? [images, 2, 1, 1] : [images, 2, 1]))
    let values = StochasticDepth(block: block, of: 5)(input, in: Self.pass(depth: 0.6)).tensor.values
    let rate = 0.6 * Double(block) / 4
    let dropped = Double(values.count { $0 == 0 }) / Double(values.count)
    #expect(abs(dropped - rate) <= 5 * (rate * (1 - rate) / Double(images)).squareRoot())
    #expect(values.allSatisfy { $0 == 0 || abs(Double($0) * (1 - rate) - 1) < 1e-6 })
    // An image is dropped as a whole.
    #expect((0..<images).allSatisfy { values[2 * $0] == values[2 * $0 + 1] })
  }

  @Test("one block is never dropped; without noise, and outside training, values go through untouched")
  func absence() {
    let input = Value(HashedValues("features").tensor([2, 3, 2, 2]))
    #expect(StochasticDepth(block: 0, of: 1)(input, in: Self.pass(depth: 0.9)) === input)
    let noise = TrainingNoise(dropout: 0.5, stochasticDepth: 0.5, random: Self.source(1))
    for pass in [
      Pass(.training, kernels: KernelSet.standard), Self.pass(),
      Pass(.inference, kernels: KernelSet.standard),
      Pass(.reestimation(pass: 0), kernels: KernelSet.standard, noise: noise),
    ] {
      #expect(pass.dropout(input) === input)
      #expect(StochasticDepth(block: 1, of: 2)(input, in: pass) === input)
    }
    var fresh = Self.source(1)
    #expect(noise.random.next() == fresh.next(), "nothing was drawn")
  }
}
