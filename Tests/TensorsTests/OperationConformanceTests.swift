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
      let tape = Tape(kernels: kernels, isRecording: true)
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

  @Test("only wanted gradients are computed", arguments: KernelSetUnderTest.all, OperationCase.all)
  func wanted(set: KernelSetUnderTest, case: OperationCase) {
    let inputs = `case`.inputs.map { HashedValues("input").tensor($0, scale: `case`.scale) }
    for wanted in inputs.indices {
      let tape = Tape(kernels: set.kernels, isRecording: true)
      let values = inputs.enumerated().map { Value($1, needsGradient: $0 == wanted) }
      let output = `case`.run(tape, values)
      output.accumulate(HashedValues("projection").tensor(output.tensor.shape), with: set.kernels)
      tape.backward()
      #expect(values.map { $0.gradient != nil } == inputs.indices.map { $0 == wanted })
    }
  }
}
