import CPUKernels
import NumericOracles
import Tensors
import Testing

/// Shapes that go through Winograd's domain where a kernel set has it, against the reference kernels' plain
/// sums.
@Suite("Convolution of 3 x 3 on large maps", .serialized)
struct WinogradConformanceTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let input: Shape
    let filters: Int
    var testDescription: String { "\(input) to \(filters)" }

    /// Whole tiles, torn ones, one row of them, and channels that do not fill their blocks.
    static let all = [
      Case(input: [2, 16, 16, 16], filters: 32), Case(input: [3, 24, 17, 22], filters: 16),
      Case(input: [1, 19, 16, 33], filters: 21), Case(input: [5, 64, 39, 18], filters: 48),
      Case(input: [1, 16, 150, 131], filters: 16),
    ]
  }

  @Test("output and gradients are those of plain sums", arguments: KernelSetUnderTest.all, Case.all)
  func agreement(set: KernelSetUnderTest, case: Case) {
    let kernel = SlidingKernel(size: 3, padding: 1)
    let (shape, filters) = (`case`.input, `case`.filters)
    let input = HashedValues("input").tensor(shape)
    let weight = HashedValues("weight").tensor([filters, shape.channels, 3, 3])
    let gradient = HashedValues("gradient").tensor([shape.batch, filters, shape.height, shape.width])
    let reference = ReferenceKernels()
    func difference(_ found: Tensor, _ expected: Tensor) -> Double {
      scaledDifference(set.kernels.plain(found).values, expected.values)
    }
    #expect(
      difference(
        set.kernels.convolution(input, weight: weight, bias: nil, kernel: kernel),
        reference.convolution(input, weight: weight, bias: nil, kernel: kernel)) < 1e-5)
    #expect(
      difference(
        set.kernels.convolutionInputGradient(gradient, weight: weight, inputShape: shape, kernel: kernel),
        reference.convolutionInputGradient(gradient, weight: weight, inputShape: shape, kernel: kernel))
        < 1e-5)
    #expect(
      difference(
        set.kernels.convolutionWeightGradient(
          gradient, input: input, weightShape: weight.shape, hasBias: false, kernel: kernel
        ).weight,
        reference.convolutionWeightGradient(
          gradient, input: input, weightShape: weight.shape, hasBias: false, kernel: kernel
        ).weight) < 1e-5)
  }
}
