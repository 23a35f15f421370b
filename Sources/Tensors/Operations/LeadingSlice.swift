/// One place of the first axis: `[M, ...]` to `[...]`.
package struct LeadingSlice: PlainOperation {
  package let place: Int

  package func shape(of inputs: [Shape]) -> Shape {
    precondition(inputs[0].rank > 1 && place < inputs[0][0], "a tensor \(inputs[0]) has no slice \(place)")
    return Shape(Array(inputs[0].extents.dropFirst()))
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let count = result.shape.count
    result.hostValues.update(from: inputs[0].hostValues + place * count, count: count)
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(repeating: 0, shape: inputs[0].shape)
    (back.hostValues + place * gradient.shape.count).update(
      from: gradient.hostValues, count: gradient.shape.count)
    return [back]
  }
}

extension Tape {
  /// Returns the slice at `place` of the first axis.
  public func slice(_ input: Value, at place: Int) -> Value { apply(LeadingSlice(place: place), to: input) }
}
