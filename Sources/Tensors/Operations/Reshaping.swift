/// An operation that gives the same numbers in the same order another shape.
package struct Reshaping: PlainOperation {
  package let target: Shape

  package func shape(of inputs: [Shape]) -> Shape {
    precondition(inputs[0].count == target.count, "\(inputs[0]) cannot become \(target)")
    return target
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    result.hostValues.update(from: inputs[0].hostValues, count: target.count)
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(uninitialized: inputs[0].shape)
    back.hostValues.update(from: gradient.hostValues, count: target.count)
    return [back]
  }
}

extension Tape {
  /// Gives the same numbers in row-major order another shape.
  public func reshaped(_ input: Value, to shape: Shape) -> Value {
    apply(Reshaping(target: shape), to: input)
  }
}
