import NumericOracles
import Tensors
import Testing

/// What a map shows may depend on the machine's instruction set, never on how many threads were free.
@Suite("Forward operations give the same bytes on one thread and two", .serialized)
struct ThreadInvarianceTests {
  @Test("convolution", arguments: KernelSetUnderTest.all, convolutions)
  func convolution(set: KernelSetUnderTest, case: ConvolutionCase) {
    let input = HashedValues("input").tensor(`case`.input)
    let weight = HashedValues("weight").tensor(`case`.weight)
    let bias = `case`.hasBias ? HashedValues("bias").tensor([`case`.filters]) : nil
    expectSameBytes {
      set.kernels.plain(set.kernels.convolution(input, weight: weight, bias: bias, kernel: `case`.kernel))
    }
  }

  @Test(
    "a convolution of one chip does not depend on the others of its batch", arguments: KernelSetUnderTest.all,
    convolutions)
  func batch(set: KernelSetUnderTest, case: ConvolutionCase) {
    let weight = HashedValues("weight").tensor(`case`.weight)
    let shape = `case`.input
    let one: Shape = [1, shape.channels, shape.height, shape.width]
    let chips = HashedValues("chips").tensor([8, shape.channels, shape.height, shape.width]).values
    func output(_ values: ArraySlice<Float>, _ shape: Shape) -> [Float] {
      let input = Tensor(Array(values), shape: shape)
      return set.kernels.plain(
        set.kernels.convolution(input, weight: weight, bias: nil, kernel: `case`.kernel)
      ).values
    }
    let together = output(chips[...], [8, shape.channels, shape.height, shape.width])
    let alone = (0..<8).flatMap { output(chips[$0 * one.count..<($0 + 1) * one.count], one) }
    #expect(together == alone)
  }

  @Test("the other operations", arguments: KernelSetUnderTest.all, activationShapes + [[2, 64, 65, 63]])
  func others(set: KernelSetUnderTest, shape: Shape) {
    let kernels = set.kernels
    let input = kernels.native(HashedValues("input").tensor(shape))
    let other = kernels.native(HashedValues("other").tensor(shape))
    let scale = HashedValues("scale").tensor([shape.channels])
    let variance = HashedValues("variance").tensor([shape.channels], scale: 0.4, offset: 0.6)
    expectSameBytes {
      kernels.plain(
        kernels.batchNormalization(
          input, scale: scale, shift: scale, mean: scale, variance: variance, epsilon: 1e-5, relu: true))
    }
    expectSameBytes {
      let pooled = kernels.maxPooling(
        input, kernel: SlidingKernel(size: 3, stride: 2, padding: 1))
      return kernels.plain(pooled)
    }
    expectSameBytes {
      kernels.plain(kernels.nearestResampling(input, height: 2 * shape.height, width: 2 * shape.width))
    }
    expectSameBytes {
      kernels.plain(kernels.nearestResampling(input, height: 2 * shape.height - 1, width: 2 * shape.width))
    }
    expectSameBytes { kernels.plain(kernels.concatenation([input, other])) }
    expectSameBytes { kernels.plain(kernels.sum(input, other)) }
    expectSameBytes { kernels.plain(kernels.rectifiedSum(input, other)) }
  }

  private func expectSameBytes(
    sourceLocation: SourceLocation = #_sourceLocation, of operation: () -> Tensor
  ) {
    let one = computing(threads: 1) { operation().values.map(\.bitPattern) }
    let two = computing(threads: 2) { operation().values.map(\.bitPattern) }
    #expect(one == two, sourceLocation: sourceLocation)
  }

  /// The small odd cases, and those of a network's deep and wide ends.
  private static let convolutions =
    ConvolutionCase.all + [
      ConvolutionCase(
        input: [1, 512, 4, 4], filters: 512, kernel: .init(size: 3, padding: 1), hasBias: false),
      ConvolutionCase(
        input: [1, 768, 8, 8], filters: 256, kernel: .init(size: 3, padding: 1), hasBias: false),
      ConvolutionCase(
        input: [1, 256, 16, 16], filters: 512, kernel: .init(size: 1, stride: 2), hasBias: false),
      ConvolutionCase(
        input: [1, 13, 65, 67], filters: 64, kernel: .init(size: 7, stride: 2, padding: 3), hasBias: false),
      ConvolutionCase(input: [1, 16, 65, 67], filters: 6, kernel: .init(size: 3, padding: 1), hasBias: true),
    ]
}
