import Dispatch
import NumericOracles
import Synchronization
import Tensors
import Testing

@Suite("Batch normalisation on every kernel set")
struct NormalizationConformanceTests {
  private static let epsilon: Float = 1e-5

  struct Case: CustomTestStringConvertible, Sendable {
    let shape: Shape
    let relu: Bool
    var testDescription: String { "\(shape) \(relu ? "with" : "without") ReLU" }

    static let all = activationShapes.flatMap { [Case(shape: $0, relu: false), Case(shape: $0, relu: true)] }
  }

  @Test("by the batch: output, mean and variance", arguments: KernelSetUnderTest.all, Case.all)
  func byBatch(set: KernelSetUnderTest, case: Case) {
    let (shape, relu) = (`case`.shape, `case`.relu)
    let operands = Operands(shape)
    let input = DoubleArray(operands.input)
    let (mean, variance) = DoubleReference.moments(input)
    let expected = DoubleReference.normalization(
      input, scale: operands.scale.doubles, shift: operands.shift.doubles, mean: mean, variance: variance,
      epsilon: Double(Self.epsilon), relu: relu)
    let (output, statistics) = set.kernels.batchNormalization(
      set.kernels.native(operands.input), scale: operands.scale, shift: operands.shift, epsilon: Self.epsilon,
      relu: relu)
    #expect(scaledDifference(statistics.mean.doubles, mean) < 1e-5)
    #expect(scaledDifference(statistics.variance.doubles, variance) < 1e-4)
    // A ReLU may leave nothing but zeros: there the comparison is absolute.
    let found = set.kernels.plain(output).doubles
    #expect(scaledDifference(found + [1], expected.values + [1]) < 1e-4)
  }

  @Test("by given statistics", arguments: KernelSetUnderTest.all, Case.all)
  func byStatistics(set: KernelSetUnderTest, case: Case) {
    let (shape, relu) = (`case`.shape, `case`.relu)
    let operands = Operands(shape)
    let mean = HashedValues("mean").tensor([shape.channels])
    let variance = HashedValues("variance").tensor([shape.channels], scale: 0.4, offset: 0.6)
    let expected = DoubleReference.normalization(
      DoubleArray(operands.input), scale: operands.scale.doubles, shift: operands.shift.doubles,
      mean: mean.doubles,
      variance: variance.doubles, epsilon: Double(Self.epsilon), relu: relu)
    let found = set.kernels.batchNormalization(
      set.kernels.native(operands.input), scale: operands.scale, shift: operands.shift, mean: mean,
      variance: variance,
      epsilon: Self.epsilon, relu: relu)
    #expect(scaledDifference(set.kernels.plain(found).doubles + [1], expected.values + [1]) < 1e-5)
  }

  @Test(
    "gradients of input, scale and shift are the derivatives of the output",
    arguments: KernelSetUnderTest.all,
    Case.all.filter { $0.shape.count / $0.shape.channels > 1 })
  func gradients(set: KernelSetUnderTest, case: Case) {
    let (shape, relu) = (`case`.shape, `case`.relu)
    let operands = Operands(shape)
    let projection = HashedValues("projection").tensor(shape)
    func output(_ input: [Double], _ scale: [Double], _ shift: [Double]) -> [Double] {
      let input = DoubleArray(shape, input)
      let (mean, variance) = DoubleReference.moments(input)
      return DoubleReference.normalization(
        input, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: Double(Self.epsilon),
        relu: relu
      ).values
    }
    let (x, scale, shift) = (operands.input.doubles, operands.scale.doubles, operands.shift.doubles)
    let differences = FiniteDifferences()
    let byInput = differences.derivatives(at: x, projection: projection.doubles) { output($0, scale, shift) }
    let byScale = differences.derivatives(at: scale, projection: projection.doubles) { output(x, $0, shift) }
    let byShift = differences.derivatives(at: shift, projection: projection.doubles) { output(x, scale, $0) }

    let input = set.kernels.native(operands.input)
    let (_, statistics) = set.kernels.batchNormalization(
      input, scale: operands.scale, shift: operands.shift, epsilon: Self.epsilon, relu: relu)
    let found = set.kernels.batchNormalizationGradient(
      set.kernels.native(projection), input: input, scale: operands.scale, shift: operands.shift,
      statistics: statistics, epsilon: Self.epsilon)
    #expect(scaledDifference(set.kernels.plain(found.input).values, byInput) < 1e-4)
    #expect(scaledDifference(found.scale.values, byScale) < 1e-4)
    #expect(scaledDifference(found.shift.values, byShift) < 1e-4)
  }

  @Test("a channel far from zero keeps its variance", arguments: KernelSetUnderTest.all)
  func farFromZero(set: KernelSetUnderTest) {
    let input = HashedValues("far").tensor([2, 3, 40, 40], scale: 1, offset: 1000)
    let (_, variance) = DoubleReference.moments(DoubleArray(input))
    let ones = Tensor(repeating: 1, shape: [3])
    let (_, statistics) = set.kernels.batchNormalization(
      input, scale: ones, shift: ones, epsilon: Self.epsilon, relu: false)
    #expect(scaledDifference(statistics.variance.doubles, variance) < 1e-3)
  }

  @Test(
    "threads that ask one kernel set at once get what each would get alone", .timeLimit(.minutes(20)),
    arguments: KernelSetUnderTest.all)
  func concurrently(set: KernelSetUnderTest) {
    let shape: Shape = [4, 64, 16, 16]
    let ones = Tensor(repeating: 1, shape: [64])
    // Plain inputs, so that the reordering is under the test as well.
    let inputs = (0..<8).map { HashedValues("thread \($0)").tensor(shape, offset: Double($0)) }
    let variances = inputs.map { DoubleReference.moments(DoubleArray($0)).variance }
    let agreements = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      let (_, statistics) = set.kernels.batchNormalization(
        inputs[index % 8], scale: ones, shift: ones, epsilon: Self.epsilon, relu: true)
      let agrees = scaledDifference(statistics.variance.doubles, variances[index % 8]) < 1e-4
      agreements.withLock { $0 += agrees ? 1 : 0 }
    }
    #expect(agreements.withLock { $0 } == 64)
  }

  private struct Operands {
    let input, scale, shift: Tensor

    init(_ shape: Shape) {
      input = HashedValues("input").tensor(shape, scale: 2, offset: 0.5)
      scale = HashedValues("scale").tensor([shape.channels], scale: 0.5, offset: 1)
      shift = HashedValues("shift").tensor([shape.channels], scale: 0.5)
    }
  }
}

extension Tensor {
  /// The values of a plain tensor in Double.
  var doubles: [Double] { values.map(Double.init) }
}
