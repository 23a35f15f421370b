import CPUKernels
import NumericOracles
import Tensors
import Testing

/// oneDNN in bf16 against the reference in Float32, on operands that bfloat16 holds exactly: a result is
/// rounded once.
@Suite(
  "The kernel set of bf16",
  .enabled(if: KernelSet.bfloat16 != nil, "oneDNN computes in bf16 only where the CPU has AVX-512"))
struct BFloat16ConformanceTests {
  private let kernels = KernelSet.bfloat16!
  private let reference = KernelSet.all[0]
  /// Half a unit in the last place of the largest value, and what sums in another order add.
  private static let tolerance = 1.0 / 256

  @Test("convolution and its gradients", arguments: ConvolutionCase.all)
  func convolution(case: ConvolutionCase) {
    let kernel = `case`.kernel
    let (input, weight) = (operand("input", `case`.input), operand("weight", `case`.weight))
    let bias = `case`.hasBias ? operand("bias", [`case`.filters]) : nil
    let expected = reference.convolution(input, weight: weight, bias: bias, kernel: kernel)
    for input in [input, kernels.native(input)] {
      agree(kernels.convolution(input, weight: weight, bias: bias, kernel: kernel), expected)
    }
    let gradient = operand("gradient", expected.shape)
    agree(
      kernels.convolutionInputGradient(gradient, weight: weight, inputShape: input.shape, kernel: kernel),
      reference.convolutionInputGradient(gradient, weight: weight, inputShape: input.shape, kernel: kernel))
    let (byWeight, byBias) = kernels.convolutionWeightGradient(
      kernels.native(gradient), input: input, weightShape: weight.shape, hasBias: bias != nil, kernel: kernel)
    let exact = reference.convolutionWeightGradient(
      gradient, input: input, weightShape: weight.shape, hasBias: bias != nil, kernel: kernel)
    // Gradients of weights are kept in Float32.
    #expect(scaledDifference(byWeight.doubles, exact.weight.doubles) < 1e-5)
    if bias != nil { #expect(scaledDifference(byBias!.doubles, exact.bias!.doubles) < 1e-5) }
  }

  @Test("normalisation and its gradients", arguments: activationShapes, [false, true])
  func normalization(shape: Shape, relu: Bool) {
    let (input, gradient) = (operand("input", shape), operand("gradient", shape))
    let (scale, shift) = (
      HashedValues("scale").tensor([shape.channels]), HashedValues("shift").tensor([shape.channels])
    )
    let (variance, epsilon) = (Tensor(repeating: 0.5, shape: [shape.channels]), Float(1e-5))
    agree(
      kernels.batchNormalization(
        kernels.native(input), scale: scale, shift: shift, mean: shift, variance: variance, epsilon: epsilon,
        relu: relu),
      reference.batchNormalization(
        input, scale: scale, shift: shift, mean: shift, variance: variance, epsilon: epsilon, relu: relu))
    guard shape.count / shape.channels > 1 else { return }
    let found = kernels.batchNormalization(
      kernels.native(input), scale: scale, shift: shift, epsilon: epsilon, relu: relu)
    let expected = reference.batchNormalization(
      input, scale: scale, shift: shift, epsilon: epsilon, relu: relu)
    agree(found.output, expected.output)
    #expect(
      scaledDifference(found.statistics.variance.doubles, expected.statistics.variance.doubles) < 1e-4)
    let back = kernels.batchNormalizationGradient(
      kernels.native(gradient), input: kernels.native(input), scale: scale, shift: shift,
      statistics: found.statistics, epsilon: epsilon)
    let exact = reference.batchNormalizationGradient(
      gradient, input: input, scale: scale, shift: shift, statistics: expected.statistics, epsilon: epsilon)
    agree(back.input, exact.input)
    #expect(scaledDifference(back.scale.doubles, exact.scale.doubles) < 1e-4)
    #expect(scaledDifference(back.shift.doubles, exact.shift.doubles) < 1e-4)
  }

  @Test("pooling, resampling, sums and channels", arguments: activationShapes)
  func others(shape: Shape) {
    let (a, b) = (operand("a", shape), operand("b", shape))
    let (left, right) = (kernels.native(a), kernels.native(b))
    #expect(kernels.plain(left).values == a.values)
    agree(kernels.sum(left, right), reference.sum(a, b))
    agree(kernels.rectifiedSum(left, b), reference.rectifiedSum(a, b))
    agree(kernels.concatenation([left, right]), reference.concatenation([a, b]))
    let kernel = SlidingKernel(size: 3, stride: 2, padding: 1)
    let found = kernels.maxPoolingWithPlaces(left, kernel: kernel)
    let expected = reference.maxPoolingWithPlaces(a, kernel: kernel)
    #expect(kernels.plain(found.output).values == reference.plain(expected.output).values)
    let gradient = operand("gradient", expected.output.shape)
    agree(
      kernels.maxPoolingGradient(gradient, places: found.places, inputShape: shape, kernel: kernel),
      reference.maxPoolingGradient(gradient, places: expected.places, inputShape: shape, kernel: kernel))
    for (height, width) in [(2 * shape.height, 2 * shape.width), (shape.height + 1, shape.width)] {
      let resampled = reference.nearestResampling(a, height: height, width: width)
      #expect(
        kernels.plain(kernels.nearestResampling(left, height: height, width: width)).values
          == resampled.values)
      let gradient = operand("resampled", resampled.shape)
      agree(
        kernels.nearestResamplingGradient(kernels.native(gradient), inputShape: shape),
        reference.nearestResamplingGradient(gradient, inputShape: shape))
    }
  }

  private func agree(
    _ found: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.shape == expected.shape, sourceLocation: sourceLocation)
    // A ReLU may leave nothing but zeros: there the comparison is absolute.
    let (a, b) = (kernels.plain(found).doubles, reference.plain(expected).doubles)
    #expect(
      scaledDifference(a + [1e-3], b + [1e-3]) < Self.tolerance, sourceLocation: sourceLocation)
  }

  /// Values that bfloat16 holds.
  private func operand(_ name: String, _ shape: Shape) -> Tensor {
    Tensor(HashedValues(name).tensor(shape).values.map { BFloat16(rounding: $0).float }, shape: shape)
  }
}
