import NumericOracles
import Tensors
import Testing

@Suite("Operations of the tape on every kernel set")
struct OperationConformanceTests {
  @Test(
    "results are the definition's, gradients its derivatives, in any layout",
    arguments: KernelSetUnderTest.all, OperationCase.all)
  func conformance(set: KernelSetUnderTest, case: OperationCase) {
    let kernels = set.kernels
    let inputs = `case`.inputs.enumerated().map {
      HashedValues("input \($0)").tensor($1, scale: `case`.scale)
    }
    let grids = inputs.map { DoubleGrid($0.shape, $0.doubles) }
    let expected = `case`.definition(grids)
    let projection = HashedValues("projection").tensor(expected.shape)
    let derivatives = inputs.indices.map { place in
      FiniteDifferences().derivatives(at: grids[place].values, projection: projection.doubles) { changed in
        var operands = grids
        operands[place] = DoubleGrid(grids[place].shape, changed)
        return `case`.definition(operands).values
      }
    }
    for isNative in [false, true] {
      func laidOut(_ tensor: Tensor) -> Tensor {
        isNative && tensor.shape.rank == 4 ? kernels.native(tensor) : tensor
      }
      let tape = Tape(recordingOn: kernels)
      let values = inputs.map { Value(laidOut($0), needsGradient: true) }
      let output = `case`.run(tape, values)
      #expect(output.tensor.shape == expected.shape)
      #expect(scaledDifference(kernels.plain(output.tensor).doubles, expected.values) < 1e-5)
      // An operation that changes nothing gives its input back, whose gradient is what was put there.
      output.accumulate(laidOut(projection), with: kernels)
      tape.backward()
      for (place, value) in values.enumerated() {
        #expect(
          scaledDifference(kernels.plain(value.gradient!).values, derivatives[place]) < 2e-5, "input \(place)"
        )
      }
    }
  }

  @Test("attention of many tokens, some at a time, is that of all at once", arguments: KernelSetUnderTest.all)
  func attention(set: KernelSetUnderTest) {
    let (tokens, heads, size) = (600, 2, 4)
    let projections = HashedValues("projections").tensor([1, tokens, 3 * heads * size], scale: 2)
    let outer = HashedValues("outer").tensor([1, tokens, heads * size])
    func run(_ body: (Tape, Value) -> Value) -> (result: [Float], gradient: [Float]) {
      let tape = Tape(recordingOn: set.kernels)
      let value = Value(projections, needsGradient: true)
      let output = body(tape, value)
      output.accumulate(outer, with: set.kernels)
      tape.backward()
      return (set.kernels.plain(output.tensor).values, set.kernels.plain(value.gradient!).values)
    }
    let found = run { $0.attention($1, heads: heads) }
    let expected = run { tape, value in
      let split = tape.reshaped(value, to: [1, tokens, 3, heads, size])
      let parts = tape.permuted(split, axes: [2, 0, 3, 1, 4])
      let products = tape.matrixProducts(
        tape.slice(parts, at: 0), tape.slice(parts, at: 1), transposeRight: true)
      let weights = tape.softmax(tape.scaled(products, by: 1 / Float(size).squareRoot()))
      let mixed = tape.permuted(tape.matrixProducts(weights, tape.slice(parts, at: 2)), axes: [0, 2, 1, 3])
      return tape.reshaped(mixed, to: [1, tokens, heads * size])
    }
    #expect(scaledDifference(found.result, expected.result) < 1e-5)
    #expect(scaledDifference(found.gradient, expected.gradient) < 1e-5)
  }

  @Test("only wanted gradients are computed", arguments: KernelSetUnderTest.all, OperationCase.all)
  func wanted(set: KernelSetUnderTest, case: OperationCase) {
    let inputs = `case`.inputs.map { HashedValues("input").tensor($0, scale: `case`.scale) }
    for wanted in inputs.indices {
      let tape = Tape(recordingOn: set.kernels)
      let values = inputs.enumerated().map { Value($1, needsGradient: $0 == wanted) }
      let output = `case`.run(tape, values)
      output.accumulate(HashedValues("projection").tensor(output.tensor.shape), with: set.kernels)
      tape.backward()
      #expect(values.map { $0.gradient != nil } == inputs.indices.map { $0 == wanted })
    }
  }
}
