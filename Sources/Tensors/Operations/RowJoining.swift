/// Rows of one tensor before those of another: `[M, K, C]` and `[N, L, C]` to `[N, K + L, C]`, M either N or
/// 1, repeated then.
package struct RowJoining: PlainOperation {
  package func shape(of inputs: [Shape]) -> Shape {
    let (first, second) = (inputs[0], inputs[1])
    precondition(
      first.rank == 3 && second.rank == 3 && first[2] == second[2]
        && (first[0] == 1 || first[0] == second[0]),
      "rows \(first) cannot be put before \(second)")
    return [second[0], first[1] + second[1], second[2]]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (first, second) = rowCounts(inputs)
    for image in 0..<result.shape[0] {
      let target = result.hostValues + image * (first + second)
      let place = inputs[0].shape[0] == 1 ? 0 : image
      target.update(from: inputs[0].hostValues + place * first, count: first)
      (target + first).update(from: inputs[1].hostValues + image * second, count: second)
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let (first, second) = rowCounts(inputs)
    let before = Tensor(repeating: 0, shape: inputs[0].shape)
    let after = Tensor(uninitialized: inputs[1].shape)
    for image in 0..<result.shape[0] {
      let source = gradient.hostValues + image * (first + second)
      let target = before.hostValues + (inputs[0].shape[0] == 1 ? 0 : image) * first
      for index in 0..<first { target[index] += source[index] }
      (after.hostValues + image * second).update(from: source + first, count: second)
    }
    return [before, after]
  }

  /// Numbers of an image in each input.
  private func rowCounts(_ inputs: [Tensor]) -> (Int, Int) {
    (inputs[0].shape[1] * inputs[0].shape[2], inputs[1].shape[1] * inputs[1].shape[2])
  }
}

extension Tape {
  /// Returns the rows of `first`, the same for every image where it has one image only, before those of
  /// `second`.
  public func joinedRows(_ first: Value, _ second: Value) -> Value { apply(RowJoining(), to: first, second) }
}
