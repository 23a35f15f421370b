import CPUKernels
import NumericOracles
import Tensors
import Testing

/// The tape adds up what comes back along every way; the adjoints themselves are tested kernel by kernel.
@Suite("Differentiation on every kernel set")
struct TapeTests {
  @Test("a value used twice gets the sum of both gradients", arguments: KernelSetUnderTest.all)
  func usedTwice(set: KernelSetUnderTest) {
    let (kernels, shape) = (set.kernels, [1, 3, 4, 4] as Shape)
    let tape = Tape(recordingOn: kernels)
    let input = Value(HashedValues("twice").tensor(shape, scale: 1, offset: 2), needsGradient: true)
    let output = tape.concatenation([tape.rectifiedSum(input, input), input])
    let gradient = HashedValues("gradient").tensor(output.tensor.shape)
    output.accumulate(gradient, with: kernels)
    tape.backward()
    let expected = (0..<48).map { 2 * gradient.values[$0] + gradient.values[48 + $0] }
    #expect(scaledDifference(kernels.plain(input.gradient!).values, expected) < 1e-6)
  }

  @Test("a residual block's gradients are the derivatives of its output", arguments: KernelSetUnderTest.all)
  func residualBlock(set: KernelSetUnderTest) {
    let shape: Shape = [2, 3, 5, 6]
    let (x, w) = (HashedValues("x").tensor(shape), HashedValues("w").tensor([3, 3, 3, 3]))
    let (scale, shift) = (HashedValues("s").tensor([3], scale: 0.3, offset: 1), HashedValues("t").tensor([3]))
    let projection = HashedValues("projection").tensor(shape)
    let kernel = SlidingKernel(size: 3, padding: 1)

    let tape = Tape(recordingOn: set.kernels)
    let values = [x, w, scale, shift].map { Value($0, needsGradient: true) }
    let inner = tape.convolution(values[0], weight: values[1], bias: nil, kernel: kernel)
    let normed = tape.batchNormalization(
      inner, scale: values[2], shift: values[3], epsilon: 1e-5, relu: false, on: set.kernels)
    let output = tape.rectifiedSum(normed.output, values[0])
    output.accumulate(projection, with: set.kernels)
    tape.backward()

    let start = [x, w, scale, shift].map(\.doubles)
    for (place, value) in values.enumerated() {
      let derivatives = FiniteDifferences().derivatives(at: start[place], projection: projection.doubles) {
        changed in
        var operands = start
        operands[place] = changed
        let input = DoubleArray(shape, operands[0])
        let inner = DoubleReference.convolution(
          input, weight: DoubleArray(w.shape, operands[1]), bias: nil, kernel: kernel)
        let (mean, variance) = DoubleReference.moments(inner)
        let normed = DoubleReference.normalization(
          inner, scale: operands[2], shift: operands[3], mean: mean, variance: variance, epsilon: 1e-5,
          relu: false)
        return zip(normed.values, input.values).map { max(0, $0 + $1) }
      }
      #expect(
        scaledDifference(set.kernels.plain(value.gradient!).values, derivatives) < 1e-4, "operand \(place)")
    }
  }

  @Test("what needs no gradient gets none, and a tape that does not record brings none back")
  func notNeeded() {
    let kernels = KernelSet.standard
    for isRecording in [true, false] {
      let tape = isRecording ? Tape(recordingOn: kernels) : Tape(kernels: kernels)
      let input = Value(HashedValues("x").tensor([1, 2, 4, 4]))
      let weight = Value(HashedValues("w").tensor([2, 2, 1, 1]), needsGradient: true)
      let output = tape.convolution(input, weight: weight, bias: nil, kernel: SlidingKernel(size: 1))
      #expect(output.needsGradient == isRecording)
      output.accumulate(HashedValues("g").tensor(output.tensor.shape), with: kernels)
      tape.backward()
      #expect(input.gradient == nil)
      #expect((weight.gradient != nil) == isRecording)
    }
  }
}
