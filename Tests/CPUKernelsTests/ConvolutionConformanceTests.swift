import NumericOracles
import Tensors
import Testing

@Suite("Convolution on every kernel set")
struct ConvolutionConformanceTests {
  private static let cases = ConvolutionCase.all + ConvolutionCase.uncommon

  @Test("the output is the definition's", arguments: KernelSetUnderTest.all, cases)
  func output(set: KernelSetUnderTest, case: ConvolutionCase) {
    let operands = Operands(`case`)
    let expected = DoubleReference.convolution(
      DoubleArray(operands.input), weight: DoubleArray(operands.weight),
      bias: operands.bias?.values.map(Double.init), kernel: `case`.kernel)
    for input in [operands.input, set.kernels.native(operands.input)] {
      let found = set.kernels.plain(
        set.kernels.convolution(input, weight: operands.weight, bias: operands.bias, kernel: `case`.kernel))
      #expect(found.shape == expected.shape)
      #expect(scaledDifference(found.values.map(Double.init), expected.values) < 1e-5)
    }
  }

  @Test(
    "the gradient of the input is the derivative of the output", arguments: KernelSetUnderTest.all, cases)
  func inputGradient(set: KernelSetUnderTest, case: ConvolutionCase) {
    let operands = Operands(`case`)
    let weight = DoubleArray(operands.weight)
    let derivatives = FiniteDifferences().derivatives(
      at: operands.input.values.map(Double.init), projection: operands.projection.values.map(Double.init)
    ) {
      DoubleReference.convolution(
        DoubleArray(`case`.input, $0), weight: weight, bias: nil, kernel: `case`.kernel
      ).values
    }
    for gradient in [operands.projection, set.kernels.native(operands.projection)] {
      let found = set.kernels.convolutionInputGradient(
        gradient, weight: operands.weight, inputShape: `case`.input, kernel: `case`.kernel)
      #expect(found.shape == `case`.input)
      #expect(scaledDifference(set.kernels.plain(found).values, derivatives) < 1e-5)
    }
  }

  @Test(
    "the gradients of weight and bias are the derivatives of the output", arguments: KernelSetUnderTest.all,
    cases)
  func weightGradient(set: KernelSetUnderTest, case: ConvolutionCase) {
    let operands = Operands(`case`)
    let (input, kernel) = (DoubleArray(operands.input), `case`.kernel)
    let projection = operands.projection.values.map(Double.init)
    let byWeight = FiniteDifferences().derivatives(
      at: operands.weight.values.map(Double.init), projection: projection
    ) {
      DoubleReference.convolution(input, weight: DoubleArray(`case`.weight, $0), bias: nil, kernel: kernel)
        .values
    }
    let found = set.kernels.convolutionWeightGradient(
      set.kernels.native(operands.projection), input: operands.input, weightShape: `case`.weight,
      hasBias: `case`.hasBias, kernel: kernel)
    #expect(found.weight.shape == `case`.weight)
    #expect(scaledDifference(found.weight.values, byWeight) < 1e-5)
    #expect((found.bias != nil) == `case`.hasBias)
    guard let bias = operands.bias else { return }
    let weight = DoubleArray(operands.weight)
    let byBias = FiniteDifferences().derivatives(at: bias.values.map(Double.init), projection: projection) {
      DoubleReference.convolution(input, weight: weight, bias: $0, kernel: kernel).values
    }
    #expect(scaledDifference(found.bias!.values, byBias) < 1e-5)
  }

  @Test(
    "a changed weight is used as it is now, not as it was packed before", arguments: KernelSetUnderTest.all)
  func changedWeight(set: KernelSetUnderTest) {
    let operands = Operands(ConvolutionCase.all[5])
    let kernel = ConvolutionCase.all[5].kernel
    func output() -> [Float] {
      let result = set.kernels.convolution(operands.input, weight: operands.weight, bias: nil, kernel: kernel)
      return set.kernels.plain(result).values
    }
    let before = output()
    operands.weight.mutate { weight in for index in weight.indices { weight[index] *= -2 } }
    #expect(scaledDifference(output(), before.map { $0 * -2 }) < 1e-6)
  }

  /// Operands by the hashed rule; the projection stands for the gradient that comes back.
  private struct Operands {
    let input, weight, projection: Tensor
    let bias: Tensor?

    init(_ case: ConvolutionCase) {
      input = HashedValues("input").tensor(`case`.input)
      weight = HashedValues("weight").tensor(`case`.weight)
      bias = `case`.hasBias ? HashedValues("bias").tensor([`case`.filters]) : nil
      projection = HashedValues("projection").tensor(`case`.output)
    }
  }
}
