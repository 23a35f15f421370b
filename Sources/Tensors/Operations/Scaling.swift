import Numerics

/// An operation that multiplies every number by one constant.
package struct Scaling: PlainOperation {
  package let factor: Float

  package func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let source = inputs[0].hostValues
    parallelChunks(result.shape.count) {
      for index in $0 { result.hostValues[index] = source[index] * factor }
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(uninitialized: result.shape)
    compute([gradient], into: back)
    return [back]
  }
}

extension Tape {
  /// Multiplies every number by `factor`.
  public func scaled(_ input: Value, by factor: Float) -> Value { apply(Scaling(factor: factor), to: input) }
}
