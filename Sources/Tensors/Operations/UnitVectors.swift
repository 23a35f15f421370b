/// Vectors along the last axis, each divided by its length or by `epsilon` where that is more.
struct UnitVectors: PlainOperation {
  package let epsilon: Float

  package func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let count = result.shape.extents.last ?? 1
    forEachRow(result) { row in
      let source = inputs[0].hostValues + row * count
      let factor = 1 / max(length(source, count), epsilon)
      for index in 0..<count { result.hostValues[row * count + index] = source[index] * factor }
    }
  }

  /// (g - u (u g)) / length, with u the unit vector; g / epsilon for vectors shorter than that.
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let count = result.shape.extents.last ?? 1
    let back = Tensor(uninitialized: result.shape)
    forEachRow(result) { row in
      let (unit, outer) = (result.hostValues + row * count, gradient.hostValues + row * count)
      let length = length(inputs[0].hostValues + row * count, count)
      var along: Float = 0
      if length > epsilon { for index in 0..<count { along += unit[index] * outer[index] } }
      let factor = 1 / max(length, epsilon)
      for index in 0..<count {
        back.hostValues[row * count + index] = (outer[index] - unit[index] * along) * factor
      }
    }
    return [back]
  }

  private func length(_ vector: UnsafePointer<Float>, _ count: Int) -> Float {
    var squares: Float = 0
    for index in 0..<count { squares += vector[index] * vector[index] }
    return squares.squareRoot()
  }
}

extension Tape {
  /// Vectors along the last axis at length 1; shorter ones than `epsilon` are divided by it.
  public func unitVectors(_ input: Value, epsilon: Float = 1e-12) -> Value {
    apply(UnitVectors(epsilon: epsilon), to: input)
  }
}
